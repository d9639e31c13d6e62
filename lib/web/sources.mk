# Files of lib/web/.
