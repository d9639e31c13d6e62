# Tests of t/clients/.
