// A small tool in C: standard input, files, arguments, the environment, times and exit codes.
//
//   word_count            counts standard input
//   word_count FILE…      counts files; 1 if one of them cannot be read
//   word_count -o OUT …   also writes the table to OUT

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct counts {
    unsigned long lines, words, bytes;
};

static int count(FILE *input, struct counts *counts) {
    char buffer[4096];
    size_t length;
    int in_word = 0;
    memset(counts, 0, sizeof *counts);
    while ((length = fread(buffer, 1, sizeof buffer, input)) > 0) {
        counts->bytes += length;
        for (size_t i = 0; i < length; i++) {
            int space = isspace((unsigned char)buffer[i]) != 0;
            counts->lines += buffer[i] == '\n';
            counts->words += !space && !in_word;
            in_word = !space;
        }
    }
    return ferror(input) ? -1 : 0;
}

static void print(FILE *output, const struct counts *counts, const char *name) {
    fprintf(output, "%lu %lu %lu %s\n", counts->lines, counts->words, counts->bytes, name);
}

int main(int argc, char **argv) {
    const char *output_name = NULL;
    int first = 1, failed = 0;
    struct counts counts;

    if (argc > 1 && strcmp(argv[1], "-o") == 0) {
        if (argc < 3) {
            fprintf(stderr, "word_count: -o needs a file name\n");
            return 2;
        }
        output_name = argv[2];
        first = 3;
    }
    FILE *output = NULL;
    if (output_name != NULL && (output = fopen(output_name, "w")) == NULL) {
        fprintf(stderr, "word_count: %s: %s\n", output_name, strerror(errno));
        return 1;
    }
    if (first == argc) {
        if (count(stdin, &counts) != 0) {
            fprintf(stderr, "word_count: standard input: %s\n", strerror(errno));
            return 1;
        }
        print(stdout, &counts, "-");
        if (output != NULL)
            print(output, &counts, "-");
    }
    for (int i = first; i < argc; i++) {
        FILE *input = fopen(argv[i], "rb");
        if (input == NULL || count(input, &counts) != 0) {
            fprintf(stderr, "word_count: %s: %s\n", argv[i], strerror(errno));
            failed = 1;
        } else {
            print(stdout, &counts, argv[i]);
            if (output != NULL)
                print(output, &counts, argv[i]);
        }
        if (input != NULL)
            fclose(input);
    }
    if (output != NULL && fclose(output) != 0) {
        fprintf(stderr, "word_count: %s: %s\n", output_name, strerror(errno));
        failed = 1;
    }
    if (fflush(stdout) != 0) {
        fprintf(stderr, "word_count: standard output: %s\n", strerror(errno));
        failed = 1;
    }
    return failed;
}
