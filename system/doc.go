// Package system tries Dealwright from outside, as a user would: the built binary beside real mail servers.
//
// Its harness starts Dovecot and Postfix from Debian (StartMail) and the binary (StartServer) on free loopback ports under a
// temporary folder and ends them with the test. All of that stands behind the build tag "system" and needs root, because
// Postfix does: "make test" installs what is missing and runs it. What carries no tag is hermetic.
package system
