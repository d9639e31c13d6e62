# Tests of t/api/.
