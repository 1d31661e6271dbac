package lock

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/go-zookeeper/zk"

	"github.com/lastseat/lastseat/targets/local"
)

// zookeeperProgram stands for a program that ZooKeeper does not have: it is Java, and its jar is what is looked for.
func zookeeperProgram() local.Program {
	return local.Program{
		Name: "zookeeper", Title: "ZooKeeper", Files: []string{"zookeeper.jar", "zookeeper-[0-9]*.jar"}, Env: "LASTSEAT_ZOOKEEPER",
		Account: "zookeeper", ASCII: true,
		Hint: "no ZooKeeper found, or no Java to run it: ./scripts/servers installs both, or install Debian's zookeeper and " +
			"default-jre-headless, or set LASTSEAT_ZOOKEEPER to the zookeeper.jar or its folder",
		Places: []string{"/usr/share/java", "/usr/share/zookeeper", "/opt/zookeeper*/lib", "/opt/apache-zookeeper*/lib", "/usr/local/zookeeper*/lib"},
		Ask: func(path string) []string {
			return []string{"java", "-XX:-UsePerfData", "-cp", classpath(path), "org.apache.zookeeper.version.VersionInfoMain"}
		},
		Version: func(output string) (title, version string) {
			return "ZooKeeper", local.Submatch(regexp.MustCompile(`Apache ZooKeeper, version (\d+\.\d+\.\d+)`), output)
		},
		Write:      zookeeperFiles,
		Initialise: func(_ local.Binary, l local.Layout) []string { return []string{"mkdir", l.Data} },
		Command:    zookeeperCommand,
		Ready:      zookeeperReady,
		Shut:       zookeeperShut,
		DSN:        func(l local.Layout) string { return fmt.Sprintf("127.0.0.1:%d", l.Port) },
		Shutdown:   syscall.SIGTERM,
		Quit:       syscall.SIGKILL,
	}
}

// classpath is the jar, which in Debian names what it needs, and the rest of its folder where the makers' archive was unpacked.
// Debian's has no log of its own.
func classpath(jar string) string {
	dir := filepath.Dir(jar)
	if dir == "/usr/share/java" {
		return jar + ":" + filepath.Join(dir, "slf4j-simple.jar")
	}
	return jar + ":" + filepath.Join(dir, "*")
}

const (
	zookeeperFile = "zoo.cfg"
	zkUser        = "lastseat" // who logs in with the server's password, by the scheme digest
	zkLogin       = 2 * time.Minute
)

// zookeeperFiles has short ticks, because sessions cannot be shorter than two of them.
func zookeeperFiles(l local.Layout) []local.File {
	return []local.File{{Name: zookeeperFile, Content: strings.Join([]string{
		"tickTime=50", "maxSessionTimeout=60000", "dataDir=" + strings.ReplaceAll(l.Data, `\`, `\\`), "clientPort=" + strconv.Itoa(l.Port), "clientPortAddress=127.0.0.1",
		"maxClientCnxns=0", "maxCnxns=" + strconv.Itoa(l.MaxConnections), "admin.enableServer=false", "4lw.commands.whitelist=srvr,conf", "",
	}, "\n")}}
}

// zookeeperCommand takes ExtraArgs as options of Java, which is how ZooKeeper takes most of its settings: -Dzookeeper.forceSync=no.
func zookeeperCommand(b local.Binary, l local.Layout) []string {
	argv := []string{"java", "-XX:-UsePerfData", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.net.preferIPv4Stack=true", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dzookeeper.jmx.log4j.disable=true"}
	if l.Volatile {
		argv = append(argv, "-Dzookeeper.forceSync=no")
	}
	argv = append(argv, l.ExtraArgs...)
	return append(argv, "-cp", classpath(b.Path), "org.apache.zookeeper.server.ZooKeeperServerMain", filepath.Join(l.Dir, zookeeperFile))
}

// zookeeperReady asks whether it serves, and where its data is, so that a stranger on the same port cannot be taken for our server.
func zookeeperReady(ctx context.Context, l local.Layout, _ int) bool {
	return strings.Contains(fourLetters(ctx, l, "srvr"), "Mode: ") &&
		strings.Contains(fourLetters(ctx, l, "conf"), "dataDir="+l.Data+string(os.PathSeparator))
}

// zookeeperShut leaves the tree to those who know the password: others can connect, and ask the words that zoo.cfg allows, but not
// read, make or remove a node. ZooKeeper has no way to refuse their connections but SASL, which the client library lacks, and TLS.
func zookeeperShut(ctx context.Context, l local.Layout) error {
	conn, events, err := zk.Connect([]string{fmt.Sprintf("127.0.0.1:%d", l.Port)}, zkLogin, zk.WithLogger(quiet{}), zk.WithLogInfo(false))
	if err != nil {
		return fmt.Errorf("reach it: %w", err)
	}
	stop := context.AfterFunc(ctx, conn.Close) // ends what waits for an answer
	err = conn.AddAuth("digest", []byte(zkUser+":"+l.Password))
	for _, node := range []string{"/", "/zookeeper", "/zookeeper/quota"} {
		if err == nil {
			_, err = conn.SetACL(node, zk.DigestACL(zk.PermAll, zkUser, l.Password), -1)
		}
	}
	if stop() {
		conn.Close()
	}
	for range events { // until the library has ended all that it began
	}
	if err != nil {
		return fmt.Errorf("keep strangers out of it: %w", err)
	}
	return nil
}

// fourLetters is the answer to one of ZooKeeper's four letter words, or nothing.
func fourLetters(ctx context.Context, l local.Layout, word string) string {
	conn, err := local.Greet(ctx, l)
	if err != nil {
		return ""
	}
	defer func() { _ = conn.Close() }()
	return letters(conn, word)
}

func letters(conn io.ReadWriter, word string) string {
	if _, err := io.WriteString(conn, word); err != nil {
		return ""
	}
	answer, _ := io.ReadAll(conn) // what came is what there is
	return string(answer)
}
