# Tests of t/oracle/.
