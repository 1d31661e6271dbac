package local

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
)

// zookeeper has no program of its own: it is Java, and its jar stands for it.
func zookeeper() engine {
	return engine{
		name: ZooKeeper, title: "ZooKeeper", programs: []string{"zookeeper.jar", "zookeeper-[0-9]*.jar"}, env: "LASTSEAT_ZOOKEEPER",
		account: "zookeeper",
		hint: "no ZooKeeper found, or no Java to run it: ./scripts/servers installs both, or install Debian's zookeeper and " +
			"default-jre-headless, or set LASTSEAT_ZOOKEEPER to the zookeeper.jar or its folder",
		places: []string{"/usr/share/java", "/usr/share/zookeeper", "/opt/zookeeper*/lib", "/opt/apache-zookeeper*/lib", "/usr/local/zookeeper*/lib"},
		ask: func(path string) []string {
			return []string{"java", "-cp", classpath(path), "org.apache.zookeeper.version.VersionInfoMain"}
		},
		version: func(output string) string {
			return submatch(regexp.MustCompile(`Apache ZooKeeper, version (\d+\.\d+\.\d+)`), output)
		},
		initialise: func(_ Binary, _, data string) []string { return []string{"mkdir", data} },
		configure:  zookeeperConfig,
		command:    zookeeperCommand,
		ready:      zookeeperReady,
		dsn:        func(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) },
		shutdown:   syscall.SIGTERM,
		quit:       syscall.SIGKILL,
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

const zookeeperFile = "zoo.cfg"

// zookeeperConfig has short ticks, because sessions cannot be shorter than two of them.
func zookeeperConfig(l layout) (name, content string) {
	return zookeeperFile, strings.Join([]string{
		"tickTime=50", "maxSessionTimeout=60000", "dataDir=" + l.data, "clientPort=" + strconv.Itoa(l.port), "clientPortAddress=127.0.0.1",
		"maxClientCnxns=0", "maxCnxns=" + strconv.Itoa(l.MaxConnections), "admin.enableServer=false", "4lw.commands.whitelist=srvr,conf", "",
	}, "\n")
}

// zookeeperCommand takes ExtraArgs as options of Java, which is how ZooKeeper takes most of its settings: -Dzookeeper.forceSync=no.
func zookeeperCommand(b Binary, l layout) []string {
	argv := []string{"java", "-Xmx256m", "-XX:+UseSerialGC", "-Djava.net.preferIPv4Stack=true", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dzookeeper.jmx.log4j.disable=true"}
	if l.Volatile {
		argv = append(argv, "-Dzookeeper.forceSync=no")
	}
	argv = append(argv, l.ExtraArgs...)
	return append(argv, "-cp", classpath(b.Path), "org.apache.zookeeper.server.ZooKeeperServerMain", filepath.Join(l.dir, zookeeperFile))
}

// zookeeperReady asks whether it serves, and where its data is, so that a stranger on the same port cannot be taken for our server.
func zookeeperReady(ctx context.Context, l layout, _ int) bool {
	return strings.Contains(fourLetters(ctx, l.port, "srvr"), "Mode: ") &&
		strings.Contains(fourLetters(ctx, l.port, "conf"), "dataDir="+l.data+string(os.PathSeparator))
}

// fourLetters is the answer to one of ZooKeeper's four letter words, or nothing.
func fourLetters(ctx context.Context, port int, word string) string {
	conn, err := greet(ctx, port)
	if err != nil {
		return ""
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, word); err != nil {
		return ""
	}
	answer, _ := io.ReadAll(conn) // what came is what there is
	return string(answer)
}
