package postgres

import (
	"context"
	"errors"
	"net/url"
	"reflect"
	"slices"
	"testing"

	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/local"
)

// tangled has what makes a restore hard: foreign keys of each kind, one to its own table, two in a circle, one that is checked late, triggers
// that refuse and that write elsewhere, generated columns.
const tangled = `
CREATE TABLE stock (item text PRIMARY KEY, n int UNIQUE);
CREATE TABLE orders (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, item text REFERENCES stock ON DELETE RESTRICT, n int, twice int GENERATED ALWAYS AS (n * 2) STORED);
CREATE TABLE line (id serial PRIMARY KEY, orders int REFERENCES orders ON DELETE CASCADE);
CREATE TABLE note (id serial PRIMARY KEY, line int REFERENCES line ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE person (name text PRIMARY KEY, boss text REFERENCES person ON DELETE RESTRICT);
CREATE TABLE hen (id int PRIMARY KEY, egg int); CREATE TABLE egg (id int PRIMARY KEY, hen int NOT NULL REFERENCES hen);
ALTER TABLE hen ADD CONSTRAINT "of egg" FOREIGN KEY (egg) REFERENCES egg DEFERRABLE;
CREATE TABLE audit (what text);
CREATE TABLE untouched (id int PRIMARY KEY, person text REFERENCES person);
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audit VALUES (TG_OP); RETURN NULL; END $$;
CREATE FUNCTION refused() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'stock is never deleted'; END $$;
CREATE TRIGGER "the log" AFTER INSERT OR UPDATE OR DELETE ON orders FOR EACH ROW EXECUTE FUNCTION noted();
CREATE TRIGGER keep BEFORE DELETE ON stock FOR EACH ROW EXECUTE FUNCTION refused();
INSERT INTO stock VALUES ('hat', 1), ('cap', 2);
INSERT INTO orders (item, n) VALUES ('hat', 1), ('cap', 2); INSERT INTO line (orders) VALUES (1), (2), (2); INSERT INTO note (line) VALUES (1), (3);
INSERT INTO person VALUES ('a', 'a'), ('b', 'a'), ('c', 'b'); INSERT INTO untouched VALUES (1, 'c');
INSERT INTO hen VALUES (1, NULL); INSERT INTO egg VALUES (1, 1); UPDATE hen SET egg = 1;`

// TestRestore: whatever a program did to tables is undone, by a superuser and by a role that may do nothing but make a database.
func TestRestore(t *testing.T) {
	_, server, err := local.Resolve(t.Context(), Program(), "", local.Options{Volatile: true})
	var missing *store.MissingError
	if errors.As(err, &missing) {
		t.Skip(missing.Hint)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Stop(context.Background()) })
	u, err := url.Parse(server.DSN())
	if err != nil {
		t.Fatal(err)
	}
	super := openTangled(t, u.String(), "lastseat_app_0000000a")
	if err := super.Exec(t.Context(), "CREATE ROLE maker LOGIN CREATEDB PASSWORD 'secret'"); err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword("maker", "secret")
	maker := openTangled(t, u.String(), "lastseat_app_0000000b")
	for name, d := range map[string]*programDatabase{"superuser": super, "maker of databases": maker} {
		for what, sql := range map[string]string{
			"changed":  "UPDATE stock SET n = n + 10; UPDATE orders SET n = 7; UPDATE person SET boss = 'b'",
			"added":    "INSERT INTO stock VALUES ('new', 3); INSERT INTO orders (item, n) VALUES ('new', 1); INSERT INTO line (orders) SELECT max(id) FROM orders",
			"removed":  "DELETE FROM orders WHERE id = 2; DELETE FROM untouched; DELETE FROM person WHERE name <> 'a'",
			"replaced": "UPDATE orders SET item = 'cap'; ALTER TABLE stock DISABLE TRIGGER keep; DELETE FROM stock WHERE item = 'hat'; ALTER TABLE stock ENABLE TRIGGER keep; INSERT INTO stock VALUES ('other', 1)",
			"circle":   "BEGIN; SET CONSTRAINTS ALL DEFERRED; INSERT INTO hen VALUES (2, 2); INSERT INTO egg VALUES (2, 2); UPDATE hen SET egg = 2 WHERE id = 1; COMMIT",
		} {
			t.Run(name+"/"+what, func(t *testing.T) { restored(t, d, sql) })
		}
		if inOrder := d.links != nil; inOrder != (d == maker) {
			t.Errorf("%s restores in order: %v", name, inOrder)
		}
		if err := d.Exec(t.Context(), "DELETE FROM stock WHERE item = 'cap'"); err == nil {
			t.Errorf("%s: the trigger does not refuse any more", name)
		}
		if err := d.Exec(t.Context(), "INSERT INTO hen VALUES (3, 33)"); errorCode(err) != "23503" {
			t.Errorf("%s: the foreign key does not hold any more: %v", name, err)
		}
	}
}

func openTangled(t *testing.T, dsn, name string) *programDatabase {
	t.Helper()
	s, err := Databases().Open(t.Context(), dsn, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	d, err := s.Create(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Exec(t.Context(), tangled); err != nil {
		t.Fatal(err)
	}
	return d.(*programDatabase)
}

// restored changes tables, restores those that changed, and compares.
func restored(t *testing.T, d *programDatabase, sql string) {
	t.Helper()
	kept, err := database.Keep(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
	kept.Touched()
	if now, err := kept.Contents(t.Context()); err != nil || len(kept.Changed(now)) == 0 {
		t.Fatalf("nothing changed: %v", err)
	}
	if err := kept.Restore(t.Context()); err != nil {
		t.Fatal(err)
	}
	kept.Touched()
	now, err := kept.Contents(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range now {
		slices.SortFunc(now[i], slices.Compare)
		want := slices.Clone(kept.Seed[i])
		slices.SortFunc(want, slices.Compare)
		if !reflect.DeepEqual(now[i], want) {
			t.Errorf("%s holds %q, want %q", kept.Catalog.Tables[i].Name, now[i], want)
		}
	}
}
