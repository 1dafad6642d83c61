import type { Child } from "hono/jsx";

/** Why a form was not taken: of each field by its name, and "" for what is no field's. */
export type Faults = Record<string, string>;

type FieldProps = { label: string; name: string; hint?: string; fault?: string };
type TextProps = FieldProps & {
  value: string;
  required?: boolean;
  maxlength?: number;
  disabled?: boolean;
};

/** An input with its label, its hint and what is wrong with it. */
export function TextField({ label, name, value, hint, fault, ...rest }: TextProps) {
  const field = { label, name, hint, fault };
  return (
    <Field {...field}>
      <input type="text" value={value} autocomplete="off" {...ofField(field)} {...rest} />
    </Field>
  );
}

const CODE: Record<string, string> = { class: "code-text", spellcheck: "false" };

/** The same for text of several lines; `code` is not to be wrapped or spell-checked. */
export function TextArea(
  { label, name, value, hint, fault, code, ...rest }: TextProps & { code?: boolean },
) {
  const field = { label, name, hint, fault };
  return (
    <Field {...field}>
      <textarea
        {...ofField(field)}
        rows={code ? 6 : 3}
        autocomplete="off"
        {...code ? CODE : {}}
        {...rest}
      >
        {/* A line's end at the beginning would be left out. */}
        {value.startsWith("\n") ? `\n${value}` : value}
      </textarea>
    </Field>
  );
}

/** A choice of one; `options` are value and words. */
export function SelectField(
  { value, options, ...field }: FieldProps & {
    value: string;
    options: readonly (readonly [string, string])[];
  },
) {
  return (
    <Field {...field}>
      <select {...ofField(field)}>
        {options.map(([option, words]) => (
          <option value={option} selected={option === value}>{words}</option>
        ))}
      </select>
    </Field>
  );
}

function Field({ label, name, hint, fault, children }: FieldProps & { children: Child }) {
  return (
    <div class="field">
      <label>
        {label}
        {children}
      </label>
      <Notes name={name} hint={hint} fault={fault} />
    </div>
  );
}

function ofField({ name, hint, fault }: FieldProps) {
  return {
    name,
    "aria-invalid": fault ? "true" : undefined,
    "aria-describedby": describedBy(name, { hint, fault }),
  } as const;
}

/** What is said below a field. */
export function Notes({ name, hint, fault }: { name: string; hint?: string; fault?: string }) {
  return (
    <>
      {hint && <span class="soft small" id={`hint-${name}`}>{hint}</span>}
      {fault && <span class="fault" id={`fault-${name}`} role="alert">{fault}</span>}
    </>
  );
}

/** The ids of what describes a field, for aria-describedby. */
export function describedBy(
  name: string,
  { hint, fault }: { hint?: string; fault?: string },
): string | undefined {
  return [fault && `fault-${name}`, hint && `hint-${name}`].filter(Boolean).join(" ") || undefined;
}

/** Text with a button that copies it, where there is JavaScript; `what` names it to screen readers. */
export function Copyable(
  { text, what, wrap }: { text: string; what: string; wrap?: boolean },
) {
  return (
    <div class="copy">
      <pre
        class={wrap ? "wrap" : undefined}
        tabindex={0}
        aria-label={what}
        role="group"
      ><code>{text}</code></pre>
      <button class="button slim" type="button" data-copy hidden aria-label={`Copy ${what}`}>
        Copy
      </button>
    </div>
  );
}

const FORMAT = new Intl.DateTimeFormat("en-GB", {
  ...{ day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" },
  timeZone: "UTC",
});

/** An instant, ISO 8601 or milliseconds, in UTC; a script says it in the reader's own zone. */
export function Time({ at }: { at: string | number }) {
  const date = new Date(at);
  return <time datetime={date.toISOString()}>{sayTime(at)}</time>;
}

/** The same as text. */
export function sayTime(at: string | number): string {
  return `${FORMAT.format(new Date(at))} UTC`;
}

/** A heading of the page, with what can be done there beside it. */
export function Title({ title, children }: { title: string; children?: Child }) {
  return (
    <div class="title">
      <h1>{title}</h1>
      {children && <div class="bulk">{children}</div>}
    </div>
  );
}

/** Where a list that is read by cursor stands; null at its first and on its last page. */
export type Place = { after: string | null; next: string | null };

/** The links from one page of such a list to others; nothing where it has one page only. */
export function Older({ path, after, next }: { path: string } & Place) {
  if (!after && !next) return null;
  return (
    <nav class="pager" aria-label="Pages">
      {after ? <a class="button slim" href={path}>Newest</a> : <span></span>}
      {next && (
        <a class="button slim" rel="next" href={`${path}?${new URLSearchParams({ after: next })}`}>
          Older
        </a>
      )}
    </nav>
  );
}

/** How many there are, where all of them are on the page. */
export function countOf(count: number, { one, place }: { one: string; place: Place }): string {
  if (place.after || place.next) return `${one[0].toUpperCase()}${one.slice(1)}s`;
  return count === 1 ? `1 ${one}` : `${count} ${one}s`;
}
