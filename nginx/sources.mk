# Files of nginx/.
