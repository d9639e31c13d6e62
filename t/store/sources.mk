# Tests of t/store/.
