# Files of bin/doctor/.
bin_libverbs_a_SOURCES += \
	bin/doctor/bodies.c \
	bin/doctor/doctor.c bin/doctor/doctor.h \
	bin/doctor/fetch.c bin/doctor/fetch.h \
	bin/doctor/fetch_curl.c \
	bin/doctor/files.c \
	bin/doctor/url.c
