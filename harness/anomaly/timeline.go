package anomaly

// Timeline is the operations that show an anomaly which is no cycle, and those around them, in the order in which they began.
type Timeline struct {
	Unit       string      `json:"unit"` // of the moments: line, or index, of the file's events
	Operations []Operation `json:"operations"`
	Omitted    int         `json:"omitted,omitempty"` // further operations at the same time
}

// Operation is one of a Timeline.
type Operation struct {
	Process int64  `json:"process"` // -1: the file names none
	Text    string `json:"text"`    // what was done, and with what answer: read 3
	From    int64  `json:"from"`
	To      int64  `json:"to"`    // -1: its outcome is unknown, so that it may still happen
	Shows   bool   `json:"shows"` // it is one of those that show the anomaly
	Failed  bool   `json:"failed,omitempty"`
}
