//go:build darwin || freebsd

package spool

var reserve = fill
