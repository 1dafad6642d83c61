// Bases by how they are inflected. A + says that the last consonant is doubled (stop, stopped).
const VERBS = `accept add adopt agree allow amplify answer appear apply argue arrange arrive ask
  attach avoid bake balance battle beg+ behave believe belong bless boil borrow bounce breathe brush
  build call care carry cause challenge change charge chase check choose clap+ classify clean climb
  close coach collect compare compile complete conceive confer+ connect consider consist contain
  control+ copy count cover crash cry dance debug+ decide defer+ define delay deliver deny deploy
  describe deserve destroy develop die disagree discover divide doubt drag+ drop+ dry earn edit
  embed+ employ empty encourage enjoy enter escape examine exceed exist expand explain explore
  express extend fail fetch file fit+ fix float flow focus follow force format+ free gather glue grab+
  greet grip+ guess hate help hope hurry identify imagine improve include infer+ inform inject inspect
  invent involve iterate join jog+ judge jump justify kick knock label land laugh launch learn lie
  lift like link list live load log+ look magnify map+ march marry measure merge move multiply
  need nod+ note notice obey observe occur+ offer open order own pack paint parse pass patch pay
  permit+ plan+ plant play please plot+ plug+ point prefer+ prepare present press pretend prevent
  print proceed produce program+ promise protect prove pull push query queue raise reach realise
  receive refer+ reflect refuse regret+ relax rely remember remove repair repeat replace reply report
  request rescue rest retire return review revise rob+ rub+ rule rush sail save scan+ scatter search
  seem serve share ship+ shop+ shout sign signify skip+ slip+ smell smile solve sort specify spell
  spot+ stare start stay step+ stir+ stop+ store study submit+ succeed suggest supply support suppose
  surprise swap+ talk taste test thank tie touch trace track trade train transfer+ travel treat trim+
  trust try turn type unify use vary verify visit wait walk want warn wash waste watch whip+ wish
  wonder work worry wrap+ yell zip+`;
const NOUNS = `actor analysis army article author axis baby badge beach berry bias blog body bonus
  book box branch brick bridge budget bus button cache canvas castle category chair chapter child
  church circus city class client cloud code column comment company compass cosmos country county
  crisis cup customer database day debate degree design device diary dish document dog door dress
  duty editor enemy engine essay eye factory family farm fax feature feed fence field flag flower fly
  fox friend game garden gas genius glass guide hero history horse host house idea index industry
  inning herring image island issue journal journey joy key kiss knife ladder lady language lens
  library license light line logic machine magazine memory menu message metal method mirror model
  monkey moon mountain mouse movie music network news niece number object office orange outing
  owner package page paper party password path pattern penny person phase phone photo pixel poem
  policy poppy portal post potato price prize process product project proof puppy quality question
  radio rainbow reader recipe record region release report river road rocket room rose route schema
  school science screen script secret series server session shadow shelf side signal sister site
  sky society song source space species square stack stage star story street string studio style
  summer symbol table tag tax team template theme theory thesis thread ticket toy tree union
  universe university valley value vector version video village virus voice wave week winter witch
  window word world writer year zebra zone`;
const ADJECTIVES =
  `able ample angry bitter bold brave brief bright broad busy calm cheap clever close
  cold common cool cosy cruel curious dark dear deep dense dirty dizzy dry dull early easy empty exact
  fair fancy fierce firm fresh gentle glad grand great grey handsome handy happy hard harsh healthy
  heavy high hollow holy humble idle icy keen kind large lazy light likely lively lonely loose loud
  low loyal lucky mad+ mild narrow nasty near neat nervous noble noisy odd pale plain polite poor
  pretty proud public pure quick quiet rapid rare ready rich ripe rough rude sad+ safe serious
  severe shallow sharp shiny short shy silent silly simple sincere single slim+ slow small smart
  smooth soft solid sour stable steady steep stiff strange strict strong subtle sunny sweet swift
  tall tame tender thick thin+ tidy tight tiny tough true ugly useful vague vast warm weak wealthy
  weird wet+ wide wild wise witty young`;
const LATINATE = `abbreviat accommodat accumulat activat alternat animat appreciat automat calculat
  circulat collaborat communicat complicat concentrat confirm consider consult contempl convers
  cooperat coordinat creat cultivat declar decorat delegat demonstrat deriv determin deviat dictat
  educat elevat emul estimat evaluat evolv experiment exploit fascinat format formul gener
  generat gravitat hesitat illustrat imitat implement indicat initiat innovat inspir integrat
  investigat isolat legislat liberat limit locat manipulat meditat migrat moder motivat narrat navigat
  negotiat norm not observ operat organiz oscillat particip penetrat present preserv quot radiat
  realiz regulat relat renovat repres restor rotat sens separat simulat speculat stimulat
  transform translat valid vibrat`;
/** Families whose words are given whole, English's odd ones among them. */
const FAMILIES = `nation nations national nationally nationality nationalise nationalist nationalism
  | relation relations relational relationship relationships relative relatively relativity
  | rational rationally rationality rationalise irrational
  | electric electrical electrically electricity electrician
  | economy economic economical economically economics economist
  | history historic historical historically historian historians
  | hope hopeful hopefully hopefulness hopeless hopelessly hopelessness
  | care careful carefully carefulness careless carelessly carelessness
  | use useful usefully usefulness useless user users usability usable usage
  | active actively activity activities activate activation activist
  | sensible sensibly sensibility sensitive sensitivity sensational
  | possible possibly possibility possibilities impossible
  | portable portably portability | reliable reliably reliability | visible visibly visibility
  | develop developing developed developer developers development developments developmental
  | argue argument arguments argumentative | agree agreement agreements agreeable
  | fame famous famously | danger dangerous dangerously | generous generously generosity
  | continue continued continues continuous continuously continuity continual continually
  | arsenal arsenals | general generally generalise generalisation | universal universally
  | dying dies died | lying lies lied | tying ties tied | skis ski skies sky
  | gently idly singly only early uglier | exceeded exceeding succeeds succeeding proceeds proceeding
  | canning earring herrings outings innings | atlas atlases bias biases andes howe cosmos news
  | knees knee knack knight knights | queue queued queueing | yes yoke youth boy boys buoy
  | consign consigned consigning consignment consist consisted consistency consistent consistently
  | cement cemented | replacement replacements | adjustment adjustable | dependent dependence
  | adoption adopting adopts | homologous homology | communism community communities
  | effective effectively effectiveness | bowdlerise hyphenation hyphenated | vileness vile
  | analogously analogous analogy | operator operators operational | conformably conformity
  | radically radical | differently different difference differences | luxuriated luxuriating`;
/** What is more than letters: compounds, apostrophes, numbers. */
export const ODD_WORDS: string[] = words(
  `well-known state-of-the-art open-source mass-produced self-hosted
  long-running real-time author's reader's children's isn't doesn't we're 2024 1999 42 3rd 64bit x86 mp3`,
);

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

function plural(noun: string): string {
  if (/[^aeiou]y$/.test(noun)) return noun.slice(0, -1) + "ies";
  return noun + (/(?:s|x|z|ch|sh)$/.test(noun) ? "es" : "s");
}

// A suffix that begins with a vowel changes what it is added to.
function withSuffix(base: string, suffix: string): string {
  const plain = base.replace("+", "");
  if (base.endsWith("+")) return plain + plain.at(-1) + suffix;
  if (suffix === "ing") {
    if (plain.endsWith("ie")) return `${plain.slice(0, -2)}ying`;
    return plain.replace(/(?<!e)e$/, "") + suffix;
  }
  return plain.replace(/e$/, "").replace(/(?<![aeiou])y$/, "i") + suffix;
}

function verb(base: string): string[] {
  const plain = base.replace("+", "");
  const agent = withSuffix(base, "er");
  const forms = ["ed", "ing"].map((suffix) => withSuffix(base, suffix));
  return [plain, plural(plain), ...forms, agent, plural(agent)];
}

function adjective(base: string): string[] {
  const plain = base.replace("+", "");
  const stem = plain.replace(/(?<![aeiou])y$/, "i");
  const adverb = plain.endsWith("le") ? plain.replace(/e$/, "y") : `${stem}ly`;
  return [plain, withSuffix(base, "er"), withSuffix(base, "est"), adverb, `${stem}ness`];
}

function latinate(stem: string): string[] {
  const last = stem.endsWith("at") ? stem.slice(0, -2) : stem;
  const suffixes = "ate ates ated ating ation ations ational ator ators ative atively able ability";
  return words(suffixes).map((suffix) => last + suffix);
}

/** Families of inflected English words, in a fixed order: stop, stops, stopped, stopping, stopper, stoppers. */
export const WORD_FAMILIES: string[][] = [
  ...words(VERBS).map(verb),
  ...words(NOUNS).map((noun) => [noun, plural(noun)]),
  ...words(ADJECTIVES).map(adjective),
  ...words(LATINATE).map(latinate),
  ...FAMILIES.split("|").map(words),
];

const SUFFIXES = words(
  `s es 's ed edly eed ing ingly er ers est ly ily ness nesses ful fully fulness
  less ous ously ousness ive ively iveness ation ational ate ator alize alise ic ical icate iciti al
  ally alism aliti able ably ability ible ment ement ence ance ent ant ism ist ity ion ogist li bli y
  ying ies ied`,
);

/** Words for a stemmer: every inflected word, and what bases make with suffixes that they may not take. */
export const STEMMED_WORDS: string[] = [
  ...new Set([
    ...WORD_FAMILIES.flat(),
    ...ODD_WORDS,
    ...[VERBS, NOUNS, ADJECTIVES].flatMap(words).flatMap((base, i) =>
      [0, 1, 2].map((n) => base.replace("+", "") + SUFFIXES[(i * 7 + n * 17) % SUFFIXES.length])
    ),
    ...words("café cafés naïve naïvely naïveté résumé résumés façade façades übermensch jalapeños"),
    ..."abcdefghijklmnopqrstuvwxyz",
  ]),
].filter((word) => !/['\d]/.test(word));
