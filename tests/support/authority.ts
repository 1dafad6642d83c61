// What the next one is made with wants it there first.
import "reflect-metadata";
import {
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY = 86_400_000;

/** A certificate authority that only those who are handed `ca` trust; `issue` gives a certificate and its key for a name, PEM. */
export async function authority() {
  const validity = { notBefore: new Date(Date.now() - DAY), notAfter: new Date(Date.now() + DAY) };
  const keys = await newKeys();
  const name = "CN=Test authority";
  const own = await X509CertificateGenerator.createSelfSigned({
    ...validity,
    serialNumber: "01",
    name,
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  let serial = 1;
  return {
    ca: own.toString("pem"),
    async issue(host: string): Promise<{ cert: string; key: string }> {
      const leaf = await newKeys();
      const certificate = await X509CertificateGenerator.create({
        ...validity,
        serialNumber: `0${++serial}`,
        subject: `CN=${host}`,
        issuer: name,
        publicKey: leaf.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: ALGORITHM,
        extensions: [new SubjectAlternativeNameExtension([{ type: "dns", value: host }])],
      });
      const key = new Uint8Array(await crypto.subtle.exportKey("pkcs8", leaf.privateKey));
      const text = key.toBase64().match(/.{1,64}/g)!.join("\n");
      return {
        cert: certificate.toString("pem"),
        key: `-----BEGIN PRIVATE KEY-----\n${text}\n-----END PRIVATE KEY-----\n`,
      };
    },
  };
}

async function newKeys(): Promise<CryptoKeyPair> {
  return await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]) as CryptoKeyPair;
}
