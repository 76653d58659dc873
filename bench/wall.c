/*
 * The wall: a server that answers every SELECT with the same row of 120 characters and knows nothing. What it serves a
 * second is what a server could at most, on this machine, with a thread a connection.
 *
 *	wall SOCKET
 *
 * It speaks as much of the protocol as sysbench's point selects need, as text and prepared.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { COM_QUIT = 1, COM_QUERY = 3, COM_STMT_PREPARE = 0x16, COM_STMT_EXECUTE = 0x17, COM_STMT_CLOSE = 0x19 };
enum { row_size = 119 };

struct answer {
	uint8_t data[1024];
	size_t size;
	uint8_t sequence;
};

static void put(struct answer *answer, const void *payload, size_t size)
{
	uint8_t *at = answer->data + answer->size;
	at[0] = (uint8_t)size;
	at[1] = (uint8_t)(size >> 8);
	at[2] = 0;
	at[3] = answer->sequence++;
	memcpy(at + 4, payload, size);
	answer->size += 4 + size;
}

static void put_ok(struct answer *answer)
{
	put(answer, "\0\0\0\2\0\0\0", 7);
}

static void put_eof(struct answer *answer)
{
	put(answer, "\376\0\0\2\0", 5);
}

/* A CHAR(120) column c of sbtest.sbtest1. */
static void put_column(struct answer *answer)
{
	static const char column[] = "\3def\6sbtest\7sbtest1\7sbtest1\1c\1c\x0c\x2d\0\xe0\1\0\0\xfe\1\0\0\0";
	put(answer, column, sizeof column); /* its final zero is the filler's second byte */
}

static void put_rows(struct answer *answer, int is_binary)
{
	uint8_t row[3 + row_size] = {0};
	size_t at = is_binary ? 2 : 0;
	put(answer, "\1", 1);
	put_column(answer);
	put_eof(answer);
	row[at++] = row_size;
	memset(row + at, 'x', row_size);
	put(answer, row, at + row_size);
	put_eof(answer);
}

static void put_prepared(struct answer *answer)
{
	put(answer, "\0\1\0\0\0\1\0\1\0\0\0\0", 12);
	put_column(answer); /* the parameter */
	put_eof(answer);
	put_column(answer);
	put_eof(answer);
}

static int read_all(int socket, uint8_t *out, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t got = read(socket, out + done, size - done);
		if (got <= 0)
			return -1;
		done += (size_t)got;
	}
	return 0;
}

/* -1: the client is gone, or sent more than it should. A command comes in one piece: one read mostly. */
static long read_packet(int socket, uint8_t *out, size_t room)
{
	ssize_t got = read(socket, out, room);
	if (got < 4)
		return -1;
	size_t size = (size_t)out[0] | (size_t)out[1] << 8 | (size_t)out[2] << 16;
	if (size + 4 > room || ((size_t)got < size + 4 && read_all(socket, out + got, size + 4 - (size_t)got) != 0))
		return -1;
	return (long)size;
}

static int send_answer(int socket, const struct answer *answer)
{
	return write(socket, answer->data, answer->size) == (ssize_t)answer->size ? 0 : -1;
}

static int greet(int socket)
{
	static const char greeting[] = "\x0a" "8.0.0-wall\0" "\1\0\0\0" "abcdefgh\0" "\x09\xa2" "\x2d" "\2\0" "\x08\0" "\x15"
				       "\0\0\0\0\0\0\0\0\0\0" "ijklmnopqrst\0" "mysql_native_password";
	struct answer answer = {0}, ok = {.sequence = 2};
	uint8_t packet[4096];
	put(&answer, greeting, sizeof greeting);
	if (send_answer(socket, &answer) != 0 || read_packet(socket, packet, sizeof packet) < 0)
		return -1;
	put_ok(&ok);
	return send_answer(socket, &ok);
}

static void answer_command(struct answer *answer, const uint8_t *command, long size)
{
	if (command[0] == COM_STMT_PREPARE)
		put_prepared(answer);
	else if (command[0] == COM_STMT_EXECUTE)
		put_rows(answer, 1);
	else if (command[0] == COM_QUERY && size > 6 && memcmp(command + 1, "SELECT", 6) == 0)
		put_rows(answer, 0);
	else
		put_ok(answer);
}

static void *serve(void *argument)
{
	int socket = (int)(intptr_t)argument;
	uint8_t packet[4096];
	long size = greet(socket);
	while (size >= 0 && (size = read_packet(socket, packet, sizeof packet)) > 0 && packet[4] != COM_QUIT) {
		struct answer answer = {.sequence = 1};
		if (packet[4] == COM_STMT_CLOSE)
			continue;
		answer_command(&answer, packet + 4, size);
		size = send_answer(socket, &answer);
	}
	close(socket);
	return NULL;
}

int main(int count, char **arguments)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	if (count != 2 || listener < 0)
		return 2;
	snprintf(address.sun_path, sizeof address.sun_path, "%s", arguments[1]);
	if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 128) != 0)
		return 1;
	for (int client; (client = accept(listener, NULL, NULL)) >= 0;) {
		pthread_t thread;
		if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)client) == 0)
			pthread_detach(thread);
		else
			close(client);
	}
	return 1;
}
