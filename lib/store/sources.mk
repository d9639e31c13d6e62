# Files of lib/store/.
