// The workloads of the benchmark with the masterzen WinRM client.
//
// usage: masterzen PORT commands N | stream MB [KB]
package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/masterzen/winrm"
)

type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// cpu gives user and system time of this process in seconds.
func cpu() float64 {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return float64(u.Utime.Sec+u.Stime.Sec) + 1e-6*float64(u.Utime.Usec+u.Stime.Usec)
}

// rss gives the most memory this process has had, in KiB.
func rss() (kb int64) {
	status, _ := os.ReadFile("/proc/self/status")
	if at := strings.Index(string(status), "VmHWM:"); at >= 0 {
		_, _ = fmt.Sscan(string(status[at+6:]), &kb)
	}
	return kb
}

// run opens a shell, runs, receives, signals and deletes.
func run(client *winrm.Client, line string, out *counter) {
	var errors counter
	code, err := client.Run(line, out, &errors)
	if err != nil || code != 0 {
		fmt.Fprintln(os.Stderr, "masterzen:", code, err)
		os.Exit(1)
	}
}

func main() {
	port, _ := strconv.Atoi(os.Args[1])
	amount, _ := strconv.Atoi(os.Args[3])
	kilo := "500"
	if len(os.Args) > 4 {
		kilo = os.Args[4]
	}
	endpoint := winrm.NewEndpoint("127.0.0.1", port, false, true, nil, nil, nil, 60*time.Second)
	client, err := winrm.NewClientWithParameters(endpoint, "bench", "bench",
		winrm.NewParameters("PT60S", "en-US", 512000))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var out counter
	count, line := 1, fmt.Sprintf("stream %d %s", amount, kilo)
	start := time.Now()
	begin := cpu()
	if os.Args[2] == "commands" {
		for count = 0; count < amount; count++ {
			run(client, "hello", &out)
		}
	} else {
		run(client, line, &out)
	}
	end := cpu()
	fmt.Printf("result count=%d bytes=%d wall=%.6f cpu=%.6f rss_kb=%d\n", count, out,
		time.Since(start).Seconds(), end-begin, rss())
}
