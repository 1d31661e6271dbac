package html

// Block is a part of a page.
type Block interface {
	template() string // that writes it
}

// Section is a heading and what is below it.
type Section struct {
	ID, Title string
	Intro     string
	Blocks    []Block
}

// Details is folded until it is wanted: a link to ID opens it.
type Details struct {
	ID, Summary string
	Mark        string // a sign before it
	Tone        Tone
	Note        string // behind the summary, small
	Open        bool
	Blocks      []Block
}

// Text is a paragraph.
type Text struct {
	Tone Tone
	Text string
}

// List is sentences.
type List struct {
	Title string
	Items []string
}

// Code is text as it was written, in lines; a command, where Command is set.
type Code struct {
	Label, Text string
	Command     bool
}

// Facts are names and what they are.
type Facts struct{ Pairs []Fact }

// Fact is a name and what it is.
type Fact struct{ Name, Value string }

// Table is figures.
type Table struct {
	Title string
	Head  []string
	Left  []bool // by column: it holds words
	Rows  [][]Cell
}

// Cell is a cell of a table or a matrix.
type Cell struct {
	Text, Title string
	Tone        Tone
	Link        string // the ID of what it leads to; empty: nothing
}

// Matrix is rows against groups of columns.
type Matrix struct {
	Title  string
	Corner string
	Groups []Group
	Rows   []MatrixRow
	Signs  string // what the signs in its cells mean, in a line
}

// Group is columns that belong together.
type Group struct {
	Name, Note string
	Columns    []string
}

// MatrixRow is a row of a matrix, a cell for each column of each group.
type MatrixRow struct {
	Name  string
	Note  string // below it, small: what the name means
	Cells []Cell
}

// Side is blocks beside each other where there is room.
type Side struct{ Blocks []Block }

// Bars are figures as bars.
type Bars struct {
	Title, Note string
	Rows        []Bar
}

// Bar is a figure; Share is its length, 0 to 1.
type Bar struct {
	Name, Text string
	Share      float64
	Tone       Tone
	Link       string
}

// Percent is the bar's length for CSS.
func (b Bar) Percent() int { return int(100*min(max(b.Share, 0), 1) + 0.5) }

// Words explain words on the spot.
type Words struct {
	Title string
	Words []Fact
}

func (Section) template() string { return "section" }
func (Details) template() string { return "details" }
func (Text) template() string    { return "text" }
func (List) template() string    { return "list" }
func (Code) template() string    { return "code" }
func (Facts) template() string   { return "facts" }
func (Table) template() string   { return "table" }
func (Matrix) template() string  { return "matrix" }
func (Side) template() string    { return "side" }
func (Bars) template() string    { return "bars" }
func (Words) template() string   { return "words" }

// Words reports whether a column of the table holds words.
func (t Table) Words(column int) bool { return column < len(t.Left) && t.Left[column] }
