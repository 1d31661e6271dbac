package reports

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/isolation"
)

const ordersVersion = 1

type ordersDocument struct {
	Version int  `json:"version"`
	Kind    Kind `json:"kind"`
	isolation.Orders
	Error string `json:"error"` // on some target it could not be explored
}

// OrdersFormats are all forms of all orders of a schedule.
func OrdersFormats() []Format[*isolation.Orders] {
	return []Format[*isolation.Orders]{
		{Flag: "json", About: "JSON", Ext: "json", Write: OrdersJSON},
		{Flag: "html", About: "a page for people", Ext: "html", Write: OrdersHTML},
		{Flag: "markdown", About: "Markdown", Ext: "md", Write: OrdersMarkdown},
		{Flag: "junitfile", About: "JUnit XML, a test case for each server and level", Ext: "xml", Write: OrdersJUnit},
	}
}

// OrdersJSON writes what came of all orders of a schedule as one document.
func OrdersJSON(w io.Writer, all *isolation.Orders) error {
	doc := ordersDocument{Version: ordersVersion, Kind: OrdersKind, Orders: *all}
	if all.Err != nil {
		doc.Error = all.Err.Error()
	}
	return writeJSON(w, doc)
}

// ReadOrdersJSON reads what OrdersJSON wrote.
func ReadOrdersJSON(text []byte) (*isolation.Orders, error) {
	var doc ordersDocument
	if err := readJSON(text, ordersVersion, &doc); err != nil {
		return nil, err
	}
	if doc.Error != "" {
		doc.Err = errors.New(doc.Error)
	}
	return &doc.Orders, nil
}

// OrdersText writes the matrix, then each order that breaks: one that breaks alike at several places is shown once.
func OrdersText(w io.Writer, width int, all *isolation.Orders) error {
	p := &page{width: cmp.Or(width, defaultWidth)}
	p.para("", fmt.Sprintf("%s: every order of its statements, judged by %s", all.Title, all.Judge))
	p.blank()
	p.places(all)
	for i := range all.Places {
		if at := &all.Places[i]; at.Skip != "" {
			p.para("– ", fmt.Sprintf("skipped: %s – %s", at.Where, at.Skip))
		}
	}
	shown := map[string]string{}
	for i := range all.Places {
		if at := &all.Places[i]; at.Verdict == harness.Unsafe {
			p.blank()
			p.breaking(at, shown)
		}
	}
	p.blank()
	p.para("", ordersSum(all))
	return p.flush(w)
}

// places is the matrix: a line for each place.
func (p *page) places(all *isolation.Orders) {
	var b strings.Builder
	tw := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "where\tverdict\tbreaking\torders\t")
	for i := range all.Places {
		if at := &all.Places[i]; at.Skip == "" {
			fmt.Fprintf(tw, "%s\t%s %s\t%s\t%s\t%s\n", at.Where, symbol(at.Verdict), at.Verdict, number(int64(at.Breaking)), number(int64(at.Schedules)), placeNote(at))
		}
	}
	_ = tw.Flush() // a builder takes all
	for line := range strings.Lines(b.String()) {
		p.line(strings.TrimRight(line, " \n"))
	}
}

// placeNote is what is to be said of a place beside its verdict.
func placeNote(at *isolation.Place) string {
	switch {
	case at.Why != "":
		return at.Why
	case at.Refused > 0:
		return fmt.Sprintf("in %d the server refuses what it refuses in no serial order: try again what it ends", at.Refused)
	case !at.Exhaustive:
		return "there are more"
	}
	return ""
}

// breaking shows the shortest order that breaks at a place, unless it was shown at another.
func (p *page) breaking(at *isolation.Place, shown map[string]string) {
	if as := shown[at.Transcript]; as != "" {
		p.para("✗ ", fmt.Sprintf("%s: as at %s", at.Where, as))
	} else {
		shown[at.Transcript] = at.Where
		p.para("✗ ", fmt.Sprintf("%s (%s): %s. The shortest order:", at.Where, at.Server, at.Broken))
		p.blank()
		for line := range strings.Lines(strings.TrimRight(at.Transcript, "\n") + "\n\n" + at.Beside) {
			p.line("  " + strings.TrimRight(line, "\n"))
		}
	}
	if at.Saved != "" {
		p.para("  again  ", "lastseat replay "+ShellWord(at.Saved))
	}
}

// ordersSum says what came of all places.
func ordersSum(all *isolation.Orders) string {
	counts := map[harness.Verdict]int{}
	for _, at := range all.Tried() {
		counts[at.Verdict]++
	}
	text := plural(len(all.Tried()), "place") + " tried"
	for _, v := range []harness.Verdict{harness.Unsafe, harness.Safe, harness.Inconclusive} {
		if counts[v] > 0 {
			text += fmt.Sprintf(", %d %s", counts[v], v)
		}
	}
	if counts[harness.Safe] > 0 {
		text += "; not tried: two statements under way at the same time"
	}
	if all.Interrupted {
		text += " · INTERRUPTED: what was tried until then"
	}
	return text
}
