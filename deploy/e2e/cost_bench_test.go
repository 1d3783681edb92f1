package e2e

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"runrun/domain"
	"runrun/workflows"
)

// billable are the events that Temporal Cloud counts as an action each (docs.temporal.io/cloud/actions); the local activities
// of one workflow task are one together.
var billable = map[enums.EventType]bool{
	enums.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED: true, enums.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: true, enums.EVENT_TYPE_TIMER_STARTED: true,
	enums.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED: true, enums.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: true,
}

// historyOf counts the events and the billable actions of a placed order's workflow, up to the timer of its shipping.
func historyOf(b *testing.B, c client.Client, id domain.OrderID) (events, actions int) {
	history := c.GetWorkflowHistory(context.Background(), workflows.OrderWorkflowID(id), "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	tasks := map[int64]bool{} // workflow tasks with local activities
	for history.HasNext() {
		event, err := history.Next()
		if err != nil {
			b.Fatal(err)
		}
		events++
		if billable[event.GetEventType()] {
			actions++
		}
		if marker := event.GetMarkerRecordedEventAttributes(); marker != nil {
			tasks[marker.GetWorkflowTaskCompletedEventId()] = true
		}
	}
	return events, actions + len(tasks)
}

// partOf names the part of the system that a process is, by the name of its program: Linux keeps 15 characters, see proc(5).
var partOf = map[string]string{
	"temporal": "temporal", "mariadbd": "database", "mysqld": "database", "redis-server": "redis", "postgres": "postgresql",
	"runrun-test-api": "api", "runrun-test-wor": "worker",
}

// cpuTimes is what each part of the system has used of the CPU: "ours" is this process (gateway and shoppers, and API and worker where
// they are not apart), the others are processes of this machine, which nothing else should use.
func cpuTimes(b *testing.B) map[string]time.Duration {
	const tick = 10 * time.Millisecond // proc(5) counts hundredths of a second
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(stats) == 0 {
		b.Fatal("there is no /proc, which the costs are read from: ", err)
	}
	spent := map[string]time.Duration{}
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		name, rest, _ := strings.Cut(string(text), ") ")
		pid, name, _ := strings.Cut(name, " (")
		part, fields := partOf[name], strings.Fields(rest)
		if pid == strconv.Itoa(os.Getpid()) {
			part = "ours"
		}
		if part == "" || len(fields) < 13 {
			continue
		}
		user, _ := strconv.Atoi(fields[11])
		system, _ := strconv.Atoi(fields[12])
		spent[part] += time.Duration(user+system) * tick
	}
	return spent
}
