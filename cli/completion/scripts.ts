/**
 * Completion scripts for shells. Each calls `trisiel completion candidates` and evaluates nothing that was typed: Tab
 * must not run a `$(…)` on the command line.
 */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type CompletionShell = (typeof SHELLS)[number];

const BASH = `# Completion of trisiel for bash: source <(trisiel completion bash)
_trisiel_complete() {
  COMPREPLY=()
  local line
  while IFS='' read -r line; do
    COMPREPLY+=("\${line%%$'\\t'*}")
  done < <(trisiel completion candidates -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _trisiel_complete trisiel
`;

const ZSH = `#compdef trisiel
# Completion of trisiel for zsh: source <(trisiel completion zsh)
_trisiel() {
  local line
  local -a values shown
  while IFS='' read -r line; do
    values+=("\${line%%$'\\t'*}")
    shown+=("\${\${line/$'\\t'/  -- }%  -- }")
  done < <(trisiel completion candidates -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#values} )); then
    compadd -l -d shown -- "\${values[@]}"
  else
    _files
  fi
}
if [[ "\${funcstack[1]}" = _trisiel ]]; then
  _trisiel "$@"
else
  (( \${+functions[compdef]} )) || { autoload -Uz compinit && compinit; }
  compdef _trisiel trisiel
fi
`;

const FISH = `# Completion of trisiel for fish: trisiel completion fish | source
function __trisiel_complete
    set -l words (commandline -opc)
    set -l last (commandline -ct)
    set -l lines (trisiel completion candidates -- $words[2..-1] "$last" 2>/dev/null)
    if test (count $lines) -gt 0
        printf '%s\\n' $lines
    else
        __fish_complete_path "$last"
    end
end
complete -c trisiel -f -a '(__trisiel_complete)'
`;

export const SCRIPTS: Readonly<Record<CompletionShell, string>> = {
  bash: BASH,
  zsh: ZSH,
  fish: FISH,
};
