package engine

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Decimals is how many digits a column has after its point, 0 to 18. Cells are whole numbers: those of a column of decimals count its
// smallest unit, so that 12.50 at two digits is 1250.
type Decimals int

const mostDecimals = 18

// Cell is the number of smallest units in a decimal as a database writes it: 12.5, -0.05, 7. A digit beyond the last is an error unless
// it is 0, and so is a number that does not fit.
func (d Decimals) Cell(text string) (int64, error) {
	if d < 0 || d > mostDecimals {
		return 0, fmt.Errorf("decimals are %d, must be 0 to %d", d, mostDecimals)
	}
	whole, part, _ := strings.Cut(text, ".")
	digits := strings.TrimLeft(whole, "+-")
	if rest := strings.TrimRight(part, "0"); len(rest) > int(d) {
		return 0, fmt.Errorf("%q has digits beyond the %d that a cell has room for", text, d)
	}
	empty := digits+part == ""
	part = (part + strings.Repeat("0", int(d)))[:d]
	if len(whole)-len(digits) > 1 || empty || strings.Trim(digits+part, "0123456789") != "" {
		return 0, fmt.Errorf("%q is no decimal", text)
	}
	n, err := strconv.ParseInt(whole[:len(whole)-len(digits)]+digits+part, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q at %d decimals does not fit into a cell", text, d)
	}
	return n, nil
}

// Text is what Cell reads: a cell as a decimal.
func (d Decimals) Text(cell int64) string {
	n, sign := uint64(cell), ""
	if cell < 0 {
		n, sign = uint64(-(cell+1))+1, "-"
	}
	if d <= 0 {
		return sign + strconv.FormatUint(n, 10)
	}
	unit := uint64(math.Pow10(int(min(d, mostDecimals))))
	return fmt.Sprintf("%s%d.%0*d", sign, n/unit, int(d), n%unit)
}
