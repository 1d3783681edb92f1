// Package activities is what the saga asks for, one effect each. Every activity may be repeated: a worker that dies after the
// effect and before the answer is followed by another that finds it done.
//
// The package sees the database, the lock, the gateway and the announcements through its own small interfaces.
package activities
