import type { Command, Option } from "commander";
import { usage } from "./_errors.ts";
import { print } from "./_output.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;
type Shell = typeof SHELLS[number];

const SCRIPTS: Record<Shell, string> = {
  bash: `_postlark() {
  local IFS=$'\\n'
  local words
  words=$(postlark complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f1)
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
  [ \${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o filenames -F _postlark postlark`,
  zsh: `#compdef postlark
_postlark() {
  local -a found
  local name about
  while IFS=$'\\t' read -r name about; do
    found+=("\${name//:/\\\\:}:$about")
  done < <(postlark complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#found} )); then _describe postlark found; else _files; fi
}
compdef _postlark postlark`,
  fish: `function __postlark_complete
  set -l words (commandline -opc)[2..-1] (commandline -ct)
  postlark complete -- $words 2>/dev/null
end
complete -c postlark -a '(__postlark_complete)'`,
};

/** `postlark completion <shell>`, and what its scripts ask while someone types. */
export function completion(program: Command): void {
  program.command("completion <shell>")
    .description("print the completion script: bash, zsh or fish")
    .addHelpText("after", '\nFor bash, in ~/.bashrc: eval "$(postlark completion bash)"')
    .action((shell: string) => {
      const script = SCRIPTS[shell as Shell];
      if (!Object.hasOwn(SCRIPTS, shell)) {
        throw usage(`There is a completion for ${SHELLS.join(", ")}, not for ${shell}.`);
      }
      print(script);
    });
  program.command("complete [words...]", { hidden: true }).action((words: string[] = []) => {
    for (const [name, about] of candidates(program, words)) print(`${name}\t${about}`);
  });
}

/** What may follow: names of commands, options or an option's values that the last word begins, each with its description. */
export function candidates(program: Command, words: string[]): [name: string, about: string][] {
  const typed = words.at(-1) ?? "";
  const before = words.slice(0, -1);
  const command = walk(program, before);
  const options = optionsOf(command, program);
  const pending = options.find((option) => names(option, before.at(-1)));
  const all: [string, string][] = pending?.required
    ? (pending.argChoices ?? []).map((value) => [value, pending.description])
    : typed.startsWith("-")
    ? options.map((option) => [option.long ?? option.short!, option.description])
    : subcommands(command).map((sub) => [sub.name(), sub.description()]);
  return all.filter(([name]) => name.startsWith(typed));
}

function walk(program: Command, words: string[]): Command {
  let command = program;
  let skip = false;
  for (const word of words) {
    if (skip) {
      skip = false;
      continue;
    }
    const option = optionsOf(command, program).find((option) => names(option, word));
    skip = !!option?.required;
    command = subcommands(command).find((sub) => sub.name() === word) ?? command;
  }
  return command;
}

function optionsOf(command: Command, program: Command): Option[] {
  // A noun alone stands for its first command.
  const own = command === program ? [] : subcommands(command)[0]?.options ?? [];
  return [...command.options, ...own, ...program.options].filter((option) => !option.hidden);
}

function subcommands(command: Command): readonly Command[] {
  // Commander says so only in its help.
  return command.createHelp().visibleCommands(command);
}

function names(option: Option, word: string | undefined): boolean {
  return word !== undefined && [option.short, option.long].includes(word);
}
