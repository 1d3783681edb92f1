// Package auth says who a caller is: access tokens, tickets for event streams, passwords, and logins with their limits. It knows no
// HTTP; users and rate limits come through ports. Start at Tokens and Logins.
package auth
