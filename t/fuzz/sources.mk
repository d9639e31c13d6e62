# Tests of t/fuzz/.
