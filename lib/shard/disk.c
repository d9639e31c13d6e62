#include "shard/disk.h"

#include "base/io.h"

#include <errno.h>
#include <linux/magic.h>
#include <sys/vfs.h>

static const struct {
	uint32_t magic;
	const char *name, *promise;
} file_systems[] = {
	{ EXT4_SUPER_MAGIC, "ext4", "full" },
	{ XFS_SUPER_MAGIC, "xfs", "full" },
	{ BTRFS_SUPER_MAGIC, "btrfs", "full" },
	{ TMPFS_MAGIC, "tmpfs", "none" },
	{ RAMFS_MAGIC, "ramfs", "none" },
	{ 0x2fc12fc1, "zfs", "untested" },
	{ F2FS_SUPER_MAGIC, "f2fs", "untested" },
	{ OVERLAYFS_SUPER_MAGIC, "overlay", "untested" },
	{ NFS_SUPER_MAGIC, "nfs", "untested" },
	{ SMB2_SUPER_MAGIC, "smb", "untested" },
	{ FUSE_SUPER_MAGIC, "fuse", "untested" },
	{ V9FS_MAGIC, "9p", "untested" },
};

enum err disk_look(int fd, struct disk *ret)
{
	struct disk d = { .name = "other", .promise = "untested" };
	struct statfs kind;
	struct statvfs room;
	if (fstatfs(fd, &kind) == 0)
		for (size_t i = 0; i < sizeof file_systems / sizeof file_systems[0]; i++)
			if ((uint32_t)kind.f_type == file_systems[i].magic) {
				d.name = file_systems[i].name;
				d.promise = file_systems[i].promise;
			}
	if (io->fstatvfs(fd, &room) < 0)
		return io_error(errno);
	if (__builtin_mul_overflow((uint64_t)room.f_bavail, (uint64_t)room.f_frsize, &d.free_bytes))
		d.free_bytes = UINT64_MAX;
	d.is_read_only = room.f_flag & ST_RDONLY;
	*ret = d;
	return ERR_OK;
}
