# Files of cgi-bin/.
