package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"

	gosqlite "github.com/glebarez/go-sqlite"
	"github.com/go-sql-driver/mysql"

	"runrun/domain"
)

// classify turns a driver's error into ours. A lost connection, a deadlock and a full queue are Unavailable: worth another
// try. A violated constraint is Conflict. Everything else is Internal.
func (s *Store) classify(err error) error {
	var ours *domain.Error
	var stale *domain.StaleFenceError
	switch {
	case err == nil, errors.As(err, &ours), errors.As(err, &stale):
		return err
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return domain.Wrap(domain.CodeUnavailable, err, "the database did not answer in time")
	case lostConnection(err):
		return domain.Wrap(domain.CodeUnavailable, err, "the database cannot be reached")
	}
	if code := s.dialect.code(err); code != "" {
		return domain.Wrap(code, err, "the database refused")
	}
	return domain.Wrap(domain.CodeInternal, err, "the database failed")
}

func lostConnection(err error) bool {
	var network net.Error
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysql.ErrInvalidConn) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &network)
}

// Numbers of MySQL and MariaDB: https://mariadb.com/kb/en/mariadb-error-code-reference/
var mySQLCodes = map[uint16]domain.Code{
	1021: domain.CodeUnavailable, // disk full
	1040: domain.CodeUnavailable, // too many connections
	1053: domain.CodeUnavailable, // server shutdown in progress
	1062: domain.CodeConflict,    // duplicate key
	1114: domain.CodeUnavailable, // table full: its disk is
	1205: domain.CodeUnavailable, // lock wait timeout
	1213: domain.CodeUnavailable, // deadlock
	1290: domain.CodeUnavailable, // read only: failing over
	1927: domain.CodeUnavailable, // connection was killed
	2006: domain.CodeUnavailable, // server has gone away
	2013: domain.CodeUnavailable, // lost connection during query
	3118: domain.CodeUnavailable, // account locked (MySQL), as during a restore
	3819: domain.CodeConflict,    // check constraint (MySQL)
	4025: domain.CodeConflict,    // check constraint (MariaDB)
	4151: domain.CodeUnavailable, // account locked (MariaDB)
}

func (mySQL) code(err error) domain.Code {
	var e *mysql.MySQLError
	if errors.As(err, &e) {
		return mySQLCodes[e.Number]
	}
	return ""
}

// Primary result codes of SQLite: https://www.sqlite.org/rescode.html
var sqliteCodes = map[int]domain.Code{
	5:  domain.CodeUnavailable, // SQLITE_BUSY
	6:  domain.CodeUnavailable, // SQLITE_LOCKED
	10: domain.CodeUnavailable, // SQLITE_IOERR
	13: domain.CodeUnavailable, // SQLITE_FULL
	19: domain.CodeConflict,    // SQLITE_CONSTRAINT
}

// triggerAbort is the extended code of RAISE(ABORT) in a trigger: no constraint of the schema.
const triggerAbort = 1811

func (*sqLite) code(err error) domain.Code {
	var e *gosqlite.Error
	if errors.As(err, &e) && e.Code() != triggerAbort {
		return sqliteCodes[e.Code()&0xff]
	}
	return ""
}
