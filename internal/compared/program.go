package compared

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/compare"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/rounds"
	"github.com/lastseat/lastseat/harness/stats"
	"github.com/lastseat/lastseat/harness/threshold"
	"github.com/lastseat/lastseat/reports"
)

// ofRounds is a program under load at all its levels: a row is a burst, or a number of clients, at a level.
func ofRounds(all []rounds.Report) *compare.Side {
	s := compare.NewSide(string(reports.RoundsKind))
	s.Command = roundsCommand(all)
	for i := range all {
		r := &all[i]
		s.Server(r.Engine, r.Server)
		roundsLoad(s.Load, r)
		for k := range r.Cases {
			s.Add(r.Engine, ofCase(r, &r.Cases[k]))
			s.Axis("bursts", r.Cases[k].Name())
		}
		for k := range r.Steps {
			s.Add(r.Engine, ofStep(r, &r.Steps[k]))
			s.Axis("clients", strconv.Itoa(r.Steps[k].Clients))
		}
		s.Axis("isolation", string(r.Level))
	}
	if s.Load["load"] == sustained && s.Command != "" {
		s.More = fmt.Sprintf("for n in $(seq %d); do %s --json new-$n.json; done", stats.LeastRuns, s.Command)
	}
	return s
}

// sustained is what the load is where it is not rounds.
const sustained = "sustained (-d)"

// roundsLoad notes what shapes a load. Clients of a sustained load are rows of their own.
func roundsLoad(load map[string]string, r *rounds.Report) {
	load["copies of the program (instances:)"] = strconv.Itoa(r.Instances)
	if r.Duration == 0 {
		load["load"], load["-c"] = "rounds (no -d)", strconv.Itoa(r.Clients)
		return
	}
	load["load"], load["-d"] = sustained, seconds(r.Duration)
	load["operations and their weights"] = r.Mix
	load["--rate"] = strconv.FormatFloat(r.Rate, 'f', -1, 64)
	if r.Rate > 0 {
		load["--arrivals"] = arrivals(r)
	}
}

func arrivals(r *rounds.Report) string {
	if r.Uniform {
		return "uniform"
	}
	return "poisson"
}

func seconds(s float64) string { return strconv.FormatFloat(s, 'f', -1, 64) + "s" }

// roundsCommand makes such a result again.
func roundsCommand(all []rounds.Report) string {
	if len(all) == 0 {
		return ""
	}
	r := &all[0]
	var only, clients, faults, levels []string
	only = r.Only
	for i := range all {
		if all[i].Asked {
			levels = append(levels, string(all[i].Level))
		}
	}
	for k := range r.Steps {
		if c := strconv.Itoa(r.Steps[k].Clients); !slices.Contains(clients, c) {
			clients = append(clients, c)
		}
	}
	if len(clients) == 0 {
		clients = []string{strconv.Itoa(r.Clients)}
	}
	for _, f := range r.Faults {
		faults = append(faults, faultName(f))
	}
	return runCommand(r, only, clients, faults, levels)
}

// runCommand runs some of a program's rows.
func runCommand(r *rounds.Report, only, clients, faults, levels []string) string {
	text := "lastseat run " + reports.ShellWord(r.File)
	if len(only) > 0 {
		text += " --only " + reports.ShellWord(strings.Join(only, ","))
	}
	text += " -c " + strings.Join(clients, ",")
	if r.Duration > 0 {
		text += " -d " + seconds(r.Duration)
	}
	if r.Rate > 0 {
		text += " --rate " + strconv.FormatFloat(r.Rate, 'f', -1, 64) + " --arrivals " + arrivals(r)
	}
	if len(faults) > 0 {
		text += " --fault " + reports.ShellWord(strings.Join(faults, ","))
	}
	if len(levels) > 0 {
		text += " --isolation " + strings.Join(levels, ",")
	}
	return text
}

func faultName(f program.FaultKind) string {
	if f == "" {
		return "none"
	}
	return string(f)
}

// again is the command that runs one row of a program under load.
func again(r *rounds.Report, only []string, clients int, fault program.FaultKind) string {
	var faults, levels []string
	if fault != "" {
		faults = []string{string(fault)}
	}
	if r.Asked {
		levels = []string{string(r.Level)}
	}
	return runCommand(r, only, []string{strconv.Itoa(clients)}, faults, levels)
}

func ofCase(r *rounds.Report, c *rounds.Case) threshold.Row {
	row := programRow(r.Level, c.Name(), c.Verdict, each(c.Operations), string(c.Fault))
	row.Why, row.Again = reports.WhyCase(c), again(r, each(c.Operations), r.Clients, c.Fault)
	row.Add("violations", float64(c.Breaking))
	row.Count(threshold.Broken, c.Breaking, c.Rounds, false)
	return row
}

func ofStep(r *rounds.Report, s *rounds.Step) threshold.Row {
	row := programRow(r.Level, s.Name(), s.Verdict, nil, string(s.Fault))
	row.Why, row.Again = reports.WhyStep(s), again(r, r.Only, s.Clients, s.Fault)
	row.Add("violations", float64(len(s.Broken)))
	var all, ok, failed, conflicts int64
	for _, o := range s.Operations {
		all, ok, failed = all+o.OK+o.Rejected+o.Failed+o.Unknown, ok+o.OK, failed+o.Failed+o.Unknown
	}
	for _, n := range s.Conflicts {
		conflicts += n
	}
	if s.Seconds > 0 {
		row.Add(threshold.Throughput, float64(ok)/s.Seconds)
	}
	for _, q := range []string{"p50", "p95", "p99", "max"} {
		if v, there := s.Latency[q]; there && ok > 0 { // how fast all is refused says nothing
			row.Add(q, v)
		}
	}
	if all > 0 {
		row.Add("failed", float64(failed)/float64(all))
		row.Add("database", s.InDatabase)
		row.Add("program", s.InProgram)
	}
	if attempts := s.Transactions * float64(all); attempts > 0 {
		row.Add("conflicts", min(1, float64(conflicts)/attempts))
	}
	return row
}

// programRow is a row of a program at a level. It can be named by itself, by its operations together (as --only has them), by each of them, by
// its fault and by its level; with a level behind @, too.
func programRow(level harness.Level, name string, verdict harness.Verdict, operations []string, fault string) threshold.Row {
	row := threshold.Row{
		Key: string(level) + "\x00" + name, Name: name + " at " + string(level), Verdict: verdict, Surprise: verdict == harness.Unsafe, // nobody asked for it
	}
	names := append([]string{strings.Join(operations, ","), name, fault}, operations...)
	for _, n := range names {
		if n != "" {
			row.Names = append(row.Names, n, n+"@"+string(level), n+"@"+level.Short())
		}
	}
	row.Names = append(row.Names, string(level), level.Short())
	return row
}

// each are operations, each once.
func each(operations []string) (all []string) {
	for _, o := range operations {
		if !slices.Contains(all, o) {
			all = append(all, o)
		}
	}
	return all
}

// ofProgram is what came of exploring a program: a row is operations at a level.
func ofProgram(all []program.Report) *compare.Side {
	s := compare.NewSide(string(reports.ProgramKind))
	single := false
	for i := range all {
		r := &all[i]
		s.Server(r.Engine, r.Server)
		s.Axis("isolation", string(r.Level))
		for k := range r.Pairs {
			p := &r.Pairs[k]
			single = single || p.Single
			row := programRow(r.Level, p.Name(), p.Verdict, p.Operations, "")
			row.Why, row.Again = reports.WhyPair(p), exploreCommand(r, p.Operations, "")
			row.Names = append(row.Names, strings.Join(p.Operations, ","))
			row.Add("violations", float64(p.Breaking))
			row.Count(threshold.Broken, p.Breaking, p.Run, p.Exhaustive && p.Unsteady == 0)
			s.Add(r.Engine, row)
		}
		for k := range r.Faults {
			f := &r.Faults[k]
			row := programRow(r.Level, f.Name()+", with faults", f.Verdict, f.Operations, "")
			row.Why, row.Again = reports.WhyFaulted(f), exploreCommand(r, f.Operations, " --fault all")
			row.Add("violations", float64(f.Count(harness.Unsafe)))
			row.Count(threshold.Broken, f.Count(harness.Unsafe), len(f.Points), true)
			s.Add(r.Engine, row)
		}
	}
	if len(all) > 0 {
		s.Load[whatIsPlayed] = Played(single, all[0].Struck)
		s.Command = "lastseat explore " + reports.ShellWord(all[0].File)
	}
	return s
}

const whatIsPlayed = "what is played"

// Played is what shapes an exploration.
func Played(single, struck bool) string {
	switch {
	case struck:
		return "faults (--fault)"
	case single:
		return "one schedule (--order)"
	}
	return "all schedules"
}

// exploreCommand explores operations again.
func exploreCommand(r *program.Report, operations []string, more string) string {
	text := "lastseat explore " + reports.ShellWord(r.File) + " --only " + reports.ShellWord(strings.Join(operations, ",")) + more
	if r.Asked {
		text += " --isolation " + string(r.Level)
	}
	return text
}
