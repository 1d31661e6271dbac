// Package orm tests the same small shop written with GORM, sqlx, bun, sqlc's generated code and ent's driver. It is a module of its
// own, so that lastseat depends on none of them. docs/owncode.md shows its pieces.
package orm
