# Files of bin/hosting/.
bin_libverbs_a_SOURCES += \
	bin/hosting/htaccess.c bin/hosting/htaccess.h \
	bin/hosting/http.c bin/hosting/http.h \
	bin/hosting/init.c \
	bin/hosting/serve.c \
	bin/hosting/web_dir.c bin/hosting/web_dir.h
