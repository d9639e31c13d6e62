# Completion of flatspan for bash. Verbs and options are asked of the program itself.

_flatspan()
{
	local word=${COMP_WORDS[COMP_CWORD]} last=${COMP_WORDS[COMP_CWORD - 1]} verb= i value
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-C|-w|--conf|--root|--workspace) ((i++)) ;;
		-*) ;;
		*) verb=${COMP_WORDS[i]}; break ;;
		esac
	done
	# What stands for the value of the option ahead in the help: FILE, DIR, FORMAT, ...
	[[ $last =~ ^--?[A-Za-z-]+$ ]] && value=$("$1" help $verb 2>/dev/null |
		sed -n "s/^ *\(-., \)\{0,1\}$last\(, --[a-z-]*\)\{0,1\} \([A-Z]\{1,\}\) .*/\3/p")
	if [[ $value == FORMAT ]]; then
		COMPREPLY=($(compgen -W "$("$1" help "$verb" 2>/dev/null |
			sed -n 's/^ *--from FORMAT//p' | sed 's/;.*//; s/,//g; s/ or / /')" -- "$word"))
	elif [[ $value == FILE || $value == DIR ]]; then
		COMPREPLY=($(compgen -f -- "$word"))
	elif [[ -n $value ]]; then
		COMPREPLY=()
	elif [[ $word == -* ]]; then
		COMPREPLY=($(compgen -W "$("$1" help $verb 2>/dev/null |
			sed -n 's/^ *\(-., \)\{0,1\}\(--[a-z-]*\).*/\2/p')" -- "$word"))
	elif [[ -z $verb || $verb == help ]]; then
		COMPREPLY=($(compgen -W "$("$1" help 2>/dev/null | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p')" -- "$word"))
	else
		COMPREPLY=($(compgen -W "$("$1" help "$verb" 2>/dev/null |
			sed -n '1s/^Usage: [a-z]* [a-z-]*//; 1s/[^a-z|-]/ /g; 1s/|/ /gp')" -- "$word") $(compgen -f -- "$word"))
	fi
}
complete -o filenames -F _flatspan flatspan
