/*
 * How long a commit on one server takes to be visible on another: one thread commits, the other looks.
 *
 *     visible SOURCE-SOCKET REPLICA-SOCKET SECONDS PAUSE-US
 *
 * A line for each commit: microseconds from when it was sent, and from when it was acknowledged, until a SELECT on the other
 * server has shown it. Looks are 20 us apart, so that looking takes little of the machine. Between commits it pauses.
 */
#include <mysql.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

enum { look_us = 20, patience_us = 10 * 1000 * 1000 };

static _Atomic unsigned long wanted;   /* what the other thread looks for; 0: nothing */
static _Atomic long seen_us;           /* when it saw it; 0: not yet */
static atomic_bool ends;

static long now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000L + now.tv_nsec / 1000;
}

static void rest_us(long us)
{
	struct timespec pause = {us / 1000000, us % 1000000 * 1000};
	nanosleep(&pause, NULL);
}

static void fail(MYSQL *mysql, const char *what)
{
	fprintf(stderr, "%s: %s\n", what, mysql_error(mysql));
	exit(1);
}

static MYSQL *connect_to(const char *socket)
{
	MYSQL *mysql = mysql_init(NULL);
	if (!mysql_real_connect(mysql, NULL, "root", NULL, "visible", 0, socket, 0))
		fail(mysql, socket);
	return mysql;
}

static unsigned long look(MYSQL *mysql)
{
	if (mysql_query(mysql, "SELECT number FROM mark WHERE id=1"))
		fail(mysql, "look");
	MYSQL_RES *result = mysql_store_result(mysql);
	MYSQL_ROW row = result ? mysql_fetch_row(result) : NULL;
	unsigned long number = row ? strtoul(row[0], NULL, 10) : 0;
	mysql_free_result(result);
	return number;
}

static void *run_looker(void *socket)
{
	MYSQL *mysql = connect_to(socket);
	prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
	while (!atomic_load(&ends)) {
		unsigned long number = atomic_load(&wanted);
		if (number && look(mysql) >= number) {
			atomic_store(&wanted, 0);
			atomic_store(&seen_us, now_us());
		}
		rest_us(look_us);
	}
	mysql_close(mysql);
	return NULL;
}

static void commit(MYSQL *mysql, unsigned long number)
{
	char text[80];
	snprintf(text, sizeof text, "UPDATE mark SET number=%lu WHERE id=1", number);
	atomic_store(&seen_us, 0);
	atomic_store(&wanted, number);
	long sent_us = now_us();
	if (mysql_query(mysql, text))
		fail(mysql, "commit");
	long acknowledged_us = now_us(), at_us;
	while ((at_us = atomic_load(&seen_us)) == 0 && now_us() - sent_us < patience_us)
		rest_us(100);
	if (at_us == 0)
		at_us = now_us();
	printf("%ld %ld\n", at_us - sent_us, at_us > acknowledged_us ? at_us - acknowledged_us : 0);
}

int main(int count, char **arguments)
{
	if (count != 5)
		return 2;
	MYSQL *mysql = connect_to(arguments[1]);
	pthread_t looker;
	if (pthread_create(&looker, NULL, run_looker, arguments[2]) != 0)
		return 1;
	long end_us = now_us() + atol(arguments[3]) * 1000000L;
	unsigned long number = look(mysql);
	while (now_us() < end_us) {
		commit(mysql, ++number);
		rest_us(atol(arguments[4]));
	}
	atomic_store(&ends, true);
	pthread_join(looker, NULL);
	mysql_close(mysql);
	return 0;
}
