#include "base/sandbox.h"

#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* All that Landlock's first version knows; later ones add to it, and none of that is used here. */
#define FS_ALL ((UINT64_C(1) << 13) - 1)
#define FS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
/* Of what is a file only these can be allowed. */
#define FS_OF_FILE (LANDLOCK_ACCESS_FS_READ_FILE)

static bool allow(int ruleset, int fd, uint64_t access)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = access, .parent_fd = fd };
	return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
}

/* O_PATH: it need not be readable now. */
static bool allow_reading(int ruleset, const char *path)
{
	struct stat st;
	int fd = io->openat(AT_FDCWD, path, O_PATH | O_CLOEXEC, 0);
	if (fd < 0)
		return true;
	bool is_good = io->fstat(fd, &st) == 0 &&
		       allow(ruleset, fd, S_ISDIR(st.st_mode) ? FS_READ : FS_OF_FILE);
	io_drop(fd);
	return is_good;
}

static bool enter_landlock(int dir_fd, const char *const *read)
{
	struct landlock_ruleset_attr attr = { .handled_access_fs = FS_ALL };
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
	if (ruleset < 0)
		return false; /* an old kernel, or one without it */
	bool is_good = allow(ruleset, dir_fd, FS_ALL & ~(uint64_t)LANDLOCK_ACCESS_FS_EXECUTE);
	for (; is_good && *read; read++)
		is_good = allow_reading(ruleset, *read);
	is_good = is_good && syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
	io_drop(ruleset);
	return is_good;
}

#if defined __x86_64__
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#ifdef ARCHITECTURE
#define STATEMENT(code, k) \
	{ \
		(unsigned short)(code), 0, 0, (k) \
	}
#define JUMP(code, k, yes, no) \
	{ \
		(unsigned short)(code), (yes), (no), (k) \
	}
#define REFUSE (SECCOMP_RET_ERRNO | EPERM)
/* If it is this call: refuse. */
#define CALL(name) \
	JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1), STATEMENT(BPF_RET | BPF_K, REFUSE)

static bool enter_seccomp(void)
{
	struct sock_filter filter[] = {
		STATEMENT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
		STATEMENT(BPF_RET | BPF_K, REFUSE),
		STATEMENT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		CALL(execve),
		CALL(execveat),
		CALL(socket),
		CALL(socketpair),
		CALL(connect),
		CALL(bind),
		CALL(ptrace),
		CALL(process_vm_readv),
		CALL(process_vm_writev),
		CALL(mount),
		CALL(umount2),
		CALL(pivot_root),
		CALL(chroot),
		CALL(unshare),
		CALL(setns),
		CALL(bpf),
		CALL(perf_event_open),
		CALL(userfaultfd),
		CALL(keyctl),
		CALL(add_key),
		CALL(request_key),
		CALL(init_module),
		CALL(finit_module),
		CALL(kexec_load),
		STATEMENT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof filter / sizeof filter[0], filter };
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}
#else
static bool enter_seccomp(void)
{
	return false;
}
#endif

unsigned sandbox_enter(int dir_fd, const char *const *read)
{
	unsigned parts = 0;
	/* The others need it, when it is not root who asks. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		parts |= SANDBOX_NO_NEW_PRIVS;
	if (enter_landlock(dir_fd, read))
		parts |= SANDBOX_LANDLOCK;
	if (enter_seccomp())
		parts |= SANDBOX_SECCOMP;
	return parts;
}

struct str sandbox_text(unsigned parts)
{
	static const struct str texts[] = {
		{ "none", 4 },
		{ "no_new_privs", 12 },
		{ "landlock", 8 },
		{ "landlock, no_new_privs", 22 },
		{ "seccomp", 7 },
		{ "no_new_privs, seccomp", 21 },
		{ "landlock, seccomp", 17 },
		{ "landlock, no_new_privs, seccomp", 31 },
	};
	return texts[parts & 7];
}
