// Makes symbolic links that lead out of the directory it was granted, and tries to go through them: symlink_escape DIR.
//
// Ends with 1 if one of them leads anywhere. Its links are removed again.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const targets[] = {
    "/etc/passwd",
    "../../../../../../../../etc/passwd",
    "..",
    ".",
};

int main(int argc, char **argv) {
    int escaped = 0;
    if (argc != 2) {
        fprintf(stderr, "expected a directory\n");
        return 2;
    }
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        char link[512], through[600];
        snprintf(link, sizeof link, "%s/link%zu", argv[1], i);
        if (symlink(targets[i], link) != 0) {
            printf("link to %s: refused (%s)\n", targets[i], strerror(errno));
            continue;
        }
        /* A link to a file is opened itself; of a link to a directory, something behind it. */
        snprintf(through, sizeof through, i < 2 ? "%s" : "%s/../../../../etc/passwd", link);
        int file = open(through, O_RDONLY);
        printf("link to %s: made, %s\n", targets[i], file < 0 ? "leads nowhere" : "ESCAPED");
        escaped |= file >= 0;
        if (file >= 0)
            close(file);
        unlink(link);
    }
    return escaped;
}
