/*
 * A server's binary log as its replicas get it, as fast as it comes; and the wall beside it, a plain sender of bytes.
 *
 *     stream read PORT COUNT BYTES USER PASSWORD FILE    COUNT replicas at once read BYTES from the beginning of FILE on
 *     stream wall PORT COUNT BYTES                       the same readers, and COUNT threads that only send
 *
 * Prints the bytes a second of all readers together. Nothing is parsed: what is measured is the server.
 */
#include <arpa/inet.h>
#include <mysql.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { chunk_size = 256 * 1024, readers_max = 256, dump_command = 18, reader_id = 1000 };

struct plan {
	bool is_wall;
	unsigned port;
	size_t count;
	uint64_t size;
	const char *user, *password, *file;
};

struct reader {
	const struct plan *plan;
	pthread_t thread;
	unsigned number;
	int socket;
	MYSQL *mysql;
};

static double now_s(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void fail_mysql(MYSQL *mysql)
{
	fprintf(stderr, "%s\n", mysql_error(mysql));
	exit(1);
}

static struct sockaddr_in address_of(unsigned port)
{
	return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* ---------------------------------------------------------------------------------------------------- the readers */

static void query(MYSQL *mysql, const char *text)
{
	if (mysql_query(mysql, text))
		fail_mysql(mysql);
}

/* position u32, flags u16, server id u32, file */
static void ask_for_log(struct reader *reader)
{
	unsigned char request[10 + 512] = {4};
	uint32_t id = reader_id + reader->number;
	size_t size = strlen(reader->plan->file);
	memcpy(request + 6, &id, sizeof id);
	memcpy(request + 10, reader->plan->file, size < 512 ? size : 512);
	if (reader->mysql->methods->db_command(reader->mysql, dump_command, (const char *)request, 10 + size, 1, NULL))
		fail_mysql(reader->mysql);
}

static void open_stream(struct reader *reader)
{
	const struct plan *plan = reader->plan;
	reader->mysql = mysql_init(NULL);
	if (!mysql_real_connect(reader->mysql, "127.0.0.1", plan->user, plan->password, NULL, plan->port, NULL, 0))
		fail_mysql(reader->mysql);
	query(reader->mysql, "SET @master_binlog_checksum='CRC32'");
	if (strstr(mysql_get_server_info(reader->mysql), "MariaDB")) /* or it rewrites its events on their way */
		query(reader->mysql, "SET @mariadb_slave_capability=4");
	reader->socket = mysql_get_socket(reader->mysql);
}

static void open_plain(struct reader *reader)
{
	struct sockaddr_in address = address_of(reader->plan->port);
	reader->socket = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(reader->socket, (struct sockaddr *)&address, sizeof address) < 0)
		fail("connect");
}

static void *run_reader(void *argument)
{
	struct reader *reader = argument;
	char *chunk = malloc(chunk_size);
	if (!reader->plan->is_wall)
		ask_for_log(reader);
	for (uint64_t got = 0; got < reader->plan->size;) {
		ssize_t size = read(reader->socket, chunk, chunk_size);
		if (size <= 0)
			fail("read");
		got += (uint64_t)size;
	}
	free(chunk);
	return NULL;
}

/* -------------------------------------------------------------------------------------------------------- the wall */

static uint64_t wall_size;

static void *run_sender(void *argument)
{
	int socket = (int)(intptr_t)argument;
	char *chunk = calloc(1, chunk_size);
	for (uint64_t sent = 0; sent < wall_size;) {
		ssize_t size = send(socket, chunk, chunk_size, MSG_NOSIGNAL);
		if (size <= 0)
			break;
		sent += (uint64_t)size;
	}
	free(chunk);
	return NULL;
}

static int listen_at(unsigned port)
{
	struct sockaddr_in address = address_of(port);
	int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, readers_max) < 0)
		fail("listen");
	return listener;
}

static void start_senders(int listener, const struct plan *plan)
{
	wall_size = plan->size;
	for (size_t i = 0; i < plan->count; i++) {
		pthread_t thread;
		int socket = accept(listener, NULL, NULL);
		if (socket < 0 || pthread_create(&thread, NULL, run_sender, (void *)(intptr_t)socket) != 0)
			fail("accept");
	}
}

/* ------------------------------------------------------------------------------------------------------------ both */

static double measure(const struct plan *plan)
{
	static struct reader readers[readers_max];
	int listener = plan->is_wall ? listen_at(plan->port) : -1;
	for (size_t i = 0; i < plan->count; i++) {
		readers[i] = (struct reader){.plan = plan, .number = (unsigned)i};
		if (plan->is_wall)
			open_plain(&readers[i]);
		else
			open_stream(&readers[i]);
	}
	double began = now_s();
	if (plan->is_wall)
		start_senders(listener, plan);
	for (size_t i = 0; i < plan->count; i++)
		if (pthread_create(&readers[i].thread, NULL, run_reader, &readers[i]) != 0)
			fail("thread");
	for (size_t i = 0; i < plan->count; i++)
		pthread_join(readers[i].thread, NULL);
	return (double)plan->size * (double)plan->count / (now_s() - began);
}

int main(int count, char **arguments)
{
	bool is_wall = count == 5 && strcmp(arguments[1], "wall") == 0;
	if (!is_wall && count != 8)
		return 2;
	struct plan plan = {.is_wall = is_wall, .port = (unsigned)atoi(arguments[2]), .count = (size_t)atoi(arguments[3]),
			    .size = strtoull(arguments[4], NULL, 10)};
	if (!is_wall) {
		plan.user = arguments[5];
		plan.password = arguments[6];
		plan.file = arguments[7];
	}
	if (plan.count == 0 || plan.count > readers_max)
		return 2;
	printf("%.0f\n", measure(&plan));
	return 0;
}
