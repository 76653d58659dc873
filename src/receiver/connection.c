/* libmariadb's side: connecting so that a stop interrupts it, asking, reading packets as they are. */
#include <errno.h>
#include <errmsg.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "receiver/receiver_internal.h"

enum { answer_max_ms = 10 * 1000 }; /* a source that did not greet or answer the login by then has gone, or hangs */
enum { packet_max = 1024 * 1024 * 1024, SEMI_SYNC_MAGIC = 0xef, SEMI_SYNC_ASKS = 1 };
static const unsigned long packet_error_size = packet_error; /* an unsigned int's highest value, not a long's */

static void start_library(void)
{
	mysql_library_init(0, NULL, NULL);
}

static enum receive_outcome fail(struct receiver *receiver, struct diag *diag)
{
	if (atomic_load(&receiver->stopping))
		return RECEIVE_STOPPED;
	if (mysql_errno(receiver->mysql))
		diag_set_foreign(diag, mysql_errno(receiver->mysql), mysql_sqlstate(receiver->mysql),
				 mysql_error(receiver->mysql));
	else /* reading packets by themselves sets none */
		diag_set_foreign(diag, CR_SERVER_LOST, "HY000", "Lost connection to server during query");
	return RECEIVE_LOST;
}

/* ------------------------------------------------------------------------------------------------------ connecting */

static void set_options(MYSQL *mysql, const struct receiver_settings *settings)
{
	unsigned timeout = settings->net_timeout_s;
	unsigned long packet = packet_max;
	my_bool no_reconnect = 0;
	unsigned protocol = MYSQL_PROTOCOL_TCP; /* the library would look for a socket on this machine for "localhost" */
	mysql_optionsv(mysql, MYSQL_OPT_NONBLOCK, NULL);
	mysql_optionsv(mysql, MYSQL_OPT_PROTOCOL, &protocol);
	mysql_optionsv(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &timeout);
	mysql_optionsv(mysql, MYSQL_OPT_READ_TIMEOUT, &timeout);
	mysql_optionsv(mysql, MYSQL_OPT_WRITE_TIMEOUT, &timeout);
	mysql_optionsv(mysql, MYSQL_OPT_MAX_ALLOWED_PACKET, &packet);
	mysql_optionsv(mysql, MYSQL_OPT_RECONNECT, &no_reconnect);
	mysql_optionsv(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	if (*settings->bind_address)
		mysql_optionsv(mysql, MYSQL_OPT_BIND, settings->bind_address);
	connection_set_link(mysql, settings);
}

/* While connecting: waits for what the library waits for, or for a stop, which looks to the library like a timeout. */
static int wait_for(struct receiver *receiver, int wanted)
{
	struct pollfd fds[2] = {{.fd = mysql_get_socket(receiver->mysql)}, {.fd = receiver->wake_fd, .events = POLLIN}};
	if (wanted & MYSQL_WAIT_READ)
		fds[0].events |= POLLIN;
	if (wanted & MYSQL_WAIT_WRITE)
		fds[0].events |= POLLOUT;
	if (wanted & MYSQL_WAIT_EXCEPT)
		fds[0].events |= POLLPRI;
	int timeout_ms = wanted & MYSQL_WAIT_TIMEOUT ? (int)mysql_get_timeout_value_ms(receiver->mysql) : -1;
	if (timeout_ms > answer_max_ms)
		timeout_ms = answer_max_ms;
	int ready = poll(fds, 2, timeout_ms);
	if (ready <= 0 || fds[1].revents)
		return MYSQL_WAIT_TIMEOUT;
	int got = 0;
	if (fds[0].revents & (POLLIN | POLLHUP | POLLERR))
		got |= MYSQL_WAIT_READ;
	if (fds[0].revents & (POLLOUT | POLLHUP | POLLERR))
		got |= MYSQL_WAIT_WRITE;
	if (fds[0].revents & POLLPRI)
		got |= MYSQL_WAIT_EXCEPT;
	return got & wanted ? got : MYSQL_WAIT_TIMEOUT;
}

static bool connect_interruptibly(struct receiver *receiver)
{
	const struct receiver_settings *settings = receiver->settings;
	MYSQL *connected = NULL;
	int wanted = mysql_real_connect_start(&connected, receiver->mysql, settings->host, settings->user,
					      settings->password, NULL, settings->port, NULL, CLIENT_REMEMBER_OPTIONS);
	while (wanted)
		wanted = mysql_real_connect_cont(&connected, receiver->mysql, wait_for(receiver, wanted));
	return connected != NULL;
}

enum receive_outcome connection_open(struct receiver *receiver, struct diag *diag)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, start_library);
	receiver->mysql = mysql_init(NULL);
	set_options(receiver->mysql, receiver->settings);
	if (!connect_interruptibly(receiver))
		return fail(receiver, diag);
	lock_take(&receiver->lock);
	receiver->socket = mysql_get_socket(receiver->mysql);
	bool stopping = atomic_load(&receiver->stopping);
	lock_release(&receiver->lock);
	receiver->is_mariadb = strstr(mysql_get_server_info(receiver->mysql), "MariaDB") != NULL;
	return stopping ? RECEIVE_STOPPED : connection_check_link(receiver, diag);
}

void connection_close(struct receiver *receiver)
{
	lock_take(&receiver->lock);
	receiver->socket = -1; /* before the number may be somebody else's */
	lock_release(&receiver->lock);
	if (receiver->mysql)
		mysql_close(receiver->mysql);
	receiver->mysql = NULL;
}

/* --------------------------------------------------------------------------------------------------------- talking */

/* An error that the source answered, as opposed to none of its answers reaching us. */
static bool is_network_error(unsigned number)
{
	return number >= CR_MIN_ERROR && number <= CR_MAX_ERROR;
}

enum receive_outcome connection_query(struct receiver *receiver, const char *sql, char *out_text, size_t size,
				      struct diag *diag)
{
	MYSQL *mysql = receiver->mysql;
	if (out_text)
		out_text[0] = 0;
	if (mysql_query(mysql, sql) != 0)
		return is_network_error(mysql_errno(mysql)) ? fail(receiver, diag)
							    : (fail(receiver, diag), RECEIVE_FATAL);
	MYSQL_RES *result = mysql_store_result(mysql);
	if (result == NULL)
		return mysql_errno(mysql) ? fail(receiver, diag) : RECEIVE_OK;
	MYSQL_ROW row = mysql_fetch_row(result);
	unsigned last = mysql_num_fields(result) - 1; /* SHOW VARIABLES has the value behind the name */
	if (row && out_text)
		snprintf(out_text, size, "%s", row[last] ? row[last] : "");
	mysql_free_result(result);
	return RECEIVE_OK;
}

enum receive_outcome connection_command(struct receiver *receiver, unsigned command, struct bytes payload,
					bool has_answer, struct diag *diag)
{
	MYSQL *mysql = receiver->mysql;
	if (mysql->methods->db_command(mysql, (enum enum_server_command)command, (const char *)payload.data,
				       payload.size, !has_answer, NULL) == 0)
		return RECEIVE_OK;
	unsigned number = mysql_errno(mysql);
	enum receive_outcome outcome = fail(receiver, diag);
	return outcome == RECEIVE_LOST && !is_network_error(number) ? RECEIVE_FATAL : outcome;
}

/* What the source said instead of an event. */
static enum receive_outcome read_refusal(unsigned number, const char *text, struct diag *diag)
{
	char said[diag_message_size];
	snprintf(said, sizeof said, "%s", text);
	diag_set_foreign(diag, number, error_sqlstate(number), said);
	switch (number) {
	case ER_MASTER_FATAL_ERROR_READING_BINLOG:
		diag_set(diag, ER_MASTER_FATAL_ERROR_READING_BINLOG, (int)number, said);
		return RECEIVE_FATAL;
	case ER_SPECIFIC_ACCESS_DENIED_ERROR:
		return RECEIVE_FATAL;
	default:
		return RECEIVE_LOST;
	}
}

static enum receive_outcome read_failure(struct receiver *receiver, struct diag *diag)
{
	unsigned number = mysql_errno(receiver->mysql);
	if (atomic_load(&receiver->stopping))
		return RECEIVE_STOPPED;
	if (!is_network_error(number) && number != ER_NET_PACKET_TOO_LARGE)
		return read_refusal(number, mysql_error(receiver->mysql), diag);
	enum receive_outcome outcome = fail(receiver, diag);
	if (outcome != RECEIVE_LOST || (number != CR_NET_PACKET_TOO_LARGE && number != ER_NET_PACKET_TOO_LARGE))
		return outcome;
	diag_set_message(diag, ER_NET_PACKET_TOO_LARGE, "Got a packet bigger than 'slave_max_allowed_packet' bytes");
	return RECEIVE_FATAL;
}

/* EF and a flag in front of each event. */
static enum receive_outcome take_semi_sync(struct receiver *receiver, struct bytes *event, struct diag *diag)
{
	if (event->size < 2 || event->data[0] != SEMI_SYNC_MAGIC) {
		diag_set_message(diag, ER_SLAVE_FATAL_ERROR,
				 "Missing magic number for semi-sync packet, packet len: %zu", event->size);
		return RECEIVE_FATAL;
	}
	receiver->is_asked = event->data[1] & SEMI_SYNC_ASKS;
	*event = bytes_of(event->data + 2, event->size - 2);
	return RECEIVE_OK;
}

enum receive_outcome connection_read_event(struct receiver *receiver, struct bytes *out_event, struct diag *diag)
{
	unsigned long size = mysql_net_read_packet(receiver->mysql);
	if (size == packet_error_size)
		return read_failure(receiver, diag);
	const uint8_t *packet = receiver->mysql->net.read_pos;
	if (size == 0 || (packet[0] == 0xfe && size < 8)) {
		diag_set_message(diag, ER_UNKNOWN_ERROR, "The source ended the stream");
		return atomic_load(&receiver->stopping) ? RECEIVE_STOPPED : RECEIVE_LOST;
	}
	*out_event = bytes_of(packet + 1, size - 1);
	return receiver->acknowledges ? take_semi_sync(receiver, out_event, diag) : RECEIVE_OK;
}

/*
 * The packet is a command's to the library: number 0, the first byte in front. With compression it writes over what it
 * has unpacked and not handed out yet; whatever that is, it will be acknowledged with a later event, or asked for again.
 */
enum receive_outcome connection_acknowledge(struct receiver *receiver, struct diag *diag)
{
	struct buf payload = {0};
	if (receiver->mysql->net.compress && receiver->mysql->net.remain_in_buf)
		return RECEIVE_OK;
	buf_put_u64(&payload, receiver->position);
	buf_put_string(&payload, receiver->file);
	enum receive_outcome outcome =
		connection_command(receiver, SEMI_SYNC_MAGIC, buf_bytes(&payload), false, diag);
	buf_deinit(&payload);
	return outcome;
}

bool connection_has_more(const struct receiver *receiver)
{
	struct pollfd poll_fd = {.fd = mysql_get_socket(receiver->mysql), .events = POLLIN};
	bool is_unpacked = receiver->mysql->net.compress && receiver->mysql->net.remain_in_buf;
	return is_unpacked || poll(&poll_fd, 1, 0) > 0;
}
