# Completion of flatspan for bash. Verbs and options are asked of the program itself.

_flatspan()
{
	local word=${COMP_WORDS[COMP_CWORD]} verb= i
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-C|-w|--conf|--root|--workspace) ((i++)) ;;
		-*) ;;
		*) verb=${COMP_WORDS[i]}; break ;;
		esac
	done
	if [[ $word == -* ]]; then
		COMPREPLY=($(compgen -W "$("$1" help $verb 2>/dev/null | grep -o -- '--[a-z-]*')" -- "$word"))
	elif [[ -z $verb || $verb == help ]]; then
		COMPREPLY=($(compgen -W "$("$1" help 2>/dev/null | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p')" -- "$word"))
	else
		COMPREPLY=($(compgen -W "$("$1" help "$verb" 2>/dev/null |
			sed -n '1s/^Usage: [a-z]* [a-z-]*//; 1s/[^a-z|-]/ /g; 1s/|/ /gp')" -- "$word") $(compgen -f -- "$word"))
	fi
}
complete -o filenames -F _flatspan flatspan
