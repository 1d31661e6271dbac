package fault

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// message is one of PostgreSQL's.
func message(kind byte, body string) string {
	b := binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(body)+4))
	return string(b) + body
}

const (
	readyIdle   = "Z\x00\x00\x00\x05I"
	readyInside = "Z\x00\x00\x00\x05T"
	readyFailed = "Z\x00\x00\x00\x05E"
)

func done(tag string) string { return message('C', tag+"\x00") }

func TestPostgresCommits(t *testing.T) {
	row := message('D', "C\x00\x00\x00\x0bCOMMIT\x00") // a value that looks like an answer
	for name, test := range map[string]struct {
		answers string
		commits int
	}{
		"commit":                       {done("COMMIT") + readyIdle, 1},
		"commit that rolls back":       {done("ROLLBACK") + readyIdle, 0},
		"write by itself":              {message('T', "..") + row + done("UPDATE 1") + readyIdle, 1},
		"insert by itself":             {done("INSERT 0 2") + readyIdle, 1},
		"write of nothing":             {done("UPDATE 0") + done("INSERT 0 0") + readyIdle, 0},
		"read":                         {row + done("SELECT 1") + readyIdle, 0},
		"write in a transaction":       {done("BEGIN") + readyInside + done("UPDATE 1") + readyInside, 0},
		"and its commit":               {done("UPDATE 1") + readyInside + done("COMMIT") + readyIdle, 1},
		"and its rollback":             {done("UPDATE 1") + readyInside + done("ROLLBACK") + readyIdle, 0},
		"batch":                        {done("UPDATE 1") + done("UPDATE 2") + done("DELETE 1") + readyIdle, 1},
		"batch that fails":             {done("UPDATE 1") + message('E', "SERROR\x00\x00") + readyIdle, 0},
		"after a failed one":           {done("UPDATE 1") + message('E', "") + readyFailed + done("ROLLBACK") + readyIdle + done("DELETE 3") + readyIdle, 1},
		"two":                          {done("COMMIT") + readyIdle + done("UPDATE 1") + readyIdle, 2},
		"not ready yet":                {done("UPDATE 1"), 0},
		"cut off":                      {done("COMMIT")[:9], 0},
		"a length that cannot be":      {"C\x00\x00\x00\x03" + done("COMMIT") + readyIdle, 0},
		"a length that is far too big": {"C\xff\xff\xff\xff" + done("COMMIT") + readyIdle, 0},
	} {
		for size := 1; size <= len(test.answers); size++ {
			if got := inPieces(&postgres{}, []byte(test.answers), size); got != test.commits {
				t.Errorf("%s, in pieces of %d: %d commits, want %d", name, size, got, test.commits)
			}
		}
	}
}

// inPieces has a watcher look at answers piece by piece.
func inPieces(w watcher, answers []byte, size int) (commits int) {
	for len(answers) > 0 {
		n := min(size, len(answers))
		commits += w.answered(answers[:n])
		answers = answers[n:]
	}
	return commits
}

// packet is one of MySQL's.
func packet(seq byte, body string) string {
	return string([]byte{byte(len(body)), byte(len(body) >> 8), byte(len(body) >> 16), seq}) + body
}

// accepted is an OK packet.
func accepted(affected byte, status uint16) string {
	return packet(1, string([]byte{0, affected, 0xfc, 1, 1, byte(status), byte(status >> 8), 0, 0}))
}

const welcome = "\x0a9.7.4\x00" + "\x01\x00\x00\x00" + "saltsalt" + "\x00" + "\xff\xff" + "\xff" + "\x02\x00" + "\xff\xc1" + "\x15"

func loggedIn(can uint32) *mysql {
	m := newWatcher(MySQL).(*mysql)
	m.answered([]byte(packet(0, welcome)))
	m.asked([]byte(packet(1, string(binary.LittleEndian.AppendUint32(nil, can))+"rest")))
	m.answered([]byte(packet(2, "\x00\x00\x00\x02\x00\x00\x00")))
	return m
}

func TestMySQLCommits(t *testing.T) {
	type turn struct {
		ask, answer string
		commits     int
	}
	query := func(text string) string { return packet(0, "\x03"+text) }
	rows := packet(1, "\x01") + packet(2, "column") + packet(3, "\x00\x01\x00\x02\x00") + packet(4, "\xfe\x00\x00\x02\x00")
	prepared := packet(1, "\x00\x07\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00")
	execute := func(id string) string { return packet(0, "\x17"+id+"\x00\x00\x00\x00\x01\x00\x00\x00") }
	long := string(bytes.Repeat([]byte{'x'}, longest-1))
	for name, test := range map[string]struct {
		can   uint32
		turns []turn
	}{
		"commit":                 {0, []turn{{query("COMMIT"), accepted(0, 2), 1}}},
		"commit, small":          {0, []turn{{query(" commit;"), accepted(0, 2), 1}}},
		"commit refused":         {0, []turn{{query("COMMIT"), packet(1, "\xff\x01\x02no"), 0}}},
		"rollback":               {0, []turn{{query("ROLLBACK"), accepted(0, 2), 0}}},
		"something else":         {0, []turn{{query("COMMITTEE"), accepted(0, 2), 0}}},
		"write by itself":        {0, []turn{{query("UPDATE"), accepted(1, 2), 1}}},
		"write of nothing":       {0, []turn{{query("UPDATE"), accepted(0, 2), 0}}},
		"write in a transaction": {0, []turn{{query("UPDATE"), accepted(1, 3), 0}, {query("COMMIT"), accepted(0, 2), 1}}},
		"rows":                   {0, []turn{{query("SELECT"), rows, 0}, {query("UPDATE"), accepted(1, 2), 1}}},
		"prepared": {0, []turn{
			{packet(0, "\x16COMMIT"), prepared, 0},
			{execute("\x07\x00\x00\x00"), accepted(0, 2), 1},
			{packet(0, "\x19\x07\x00\x00\x00"), "", 0},
			{execute("\x07\x00\x00\x00"), accepted(0, 2), 0},
		}},
		"prepared write":   {0, []turn{{packet(0, "\x16UPDATE"), prepared, 0}, {execute("\x07\x00\x00\x00"), accepted(2, 2), 1}}},
		"several results":  {0, []turn{{query("UPDATE; UPDATE"), accepted(1, 10) + accepted(1, 2), 2}}},
		"attributes":       {clientAttributes, []turn{{packet(0, "\x03\x00\x01COMMIT"), accepted(0, 2), 1}}},
		"encrypted":        {clientSSL, []turn{{query("COMMIT"), accepted(0, 2), 0}}},
		"compressed":       {clientCompress, []turn{{query("COMMIT"), accepted(0, 2), 0}}},
		"a long statement": {0, []turn{{packet(0, "\x03"+long) + packet(1, "COMMIT"), accepted(1, 2), 1}, {query("COMMIT"), accepted(0, 2), 1}}},
		"a long row": {0, []turn{
			{query("SELECT"), packet(1, "\x01") + packet(2, long+"x") + packet(3, accepted(1, 2)), 0}, {query("COMMIT"), accepted(0, 2), 1},
		}},
	} {
		for _, size := range []int{1, 2, 3, 5, 7, 64, 1 << 14, 1 << 25} {
			if size < 1<<14 && len(test.turns[0].ask)+len(test.turns[0].answer) > 1<<20 {
				continue
			}
			m := loggedIn(clientProtocol41 | test.can)
			for i, turn := range test.turns {
				for ask := []byte(turn.ask); len(ask) > 0; {
					n := min(size, len(ask))
					m.asked(ask[:n])
					ask = ask[n:]
				}
				if got := inPieces(m, []byte(turn.answer), size); got != turn.commits {
					t.Errorf("%s, turn %d, in pieces of %d: %d commits, want %d", name, i, size, got, turn.commits)
				}
			}
		}
	}
}

// TestMySQLOfferIsTakenBack: one bit of the greeting changes, however it comes, and nothing else ever.
func TestMySQLOfferIsTakenBack(t *testing.T) {
	plain := packet(0, welcome) + packet(2, welcome)
	at := 4 + len("\x0a9.7.4\x00") + 4 + 8 + 1 + 1
	want := []byte(plain)
	want[at] &^= 0x08
	for size := 1; size <= len(plain); size++ {
		got := []byte(plain)
		inPieces(newWatcher(MySQL), got, size)
		if !bytes.Equal(got, want) {
			t.Fatalf("in pieces of %d: %q, want %q", size, got, want)
		}
	}
}

func FuzzPostgres(f *testing.F) {
	f.Add([]byte(done("UPDATE 1")+readyIdle+done("COMMIT")), 3)
	f.Add([]byte("C\xff\xff\xff\xff"), 1)
	f.Fuzz(func(t *testing.T, answers []byte, size int) {
		size = min(max(size, 1), 1<<20)
		seen := bytes.Clone(answers)
		once := (&postgres{}).answered(seen)
		if pieces := inPieces(&postgres{}, seen, size); pieces != once {
			t.Errorf("%d commits at once, %d in pieces of %d", once, pieces, size)
		}
		if !bytes.Equal(seen, answers) {
			t.Errorf("%q became %q", answers, seen)
		}
	})
}

func FuzzMySQL(f *testing.F) {
	f.Add([]byte(packet(0, "\x03COMMIT")), []byte(accepted(1, 2)), 3)
	f.Add([]byte(packet(0, "\x16COMMIT")), []byte(packet(1, "\x00")), 1)
	f.Fuzz(func(t *testing.T, asks, answers []byte, size int) {
		size = min(max(size, 1), 1<<20)
		var counts []int
		for _, size := range []int{size, 1 << 20} {
			m := loggedIn(clientProtocol41)
			asked, answered := bytes.Clone(asks), bytes.Clone(answers)
			m.asked(asked)
			counts = append(counts, inPieces(m, answered, size))
			if !bytes.Equal(asked, asks) || !bytes.Equal(answered, answers) {
				t.Errorf("%q and %q became %q and %q", asks, answers, asked, answered)
			}
		}
		if counts[0] != counts[1] {
			t.Errorf("%d commits in pieces of %d, %d at once", counts[0], size, counts[1])
		}
		fresh, greeting := newWatcher(MySQL), bytes.Clone(answers)
		fresh.answered(greeting)
		fresh.asked(asks)
		different := 0
		for i := range greeting {
			if greeting[i] != answers[i] {
				different++
			}
		}
		if different > 1 {
			t.Errorf("the greeting %q became %q", answers, greeting)
		}
	})
}
