// Package audit compares what shoppers were told with what the shop, its stock, the payment gateway and Temporal say afterwards. It
// asks nobody: it is given what was found. Start at Audit.Findings.
package audit
