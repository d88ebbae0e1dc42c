// Checks of the endpoint with the masterzen WinRM client.
//
// Usage: masterzen http|https HOST PORT USER PASSWORD
package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/masterzen/winrm"
)

var failed bool

// check prints one line in the form that run_peers.py reads.
func check(name string, ok bool, detail string) {
	if ok {
		fmt.Printf("ok %s\n", name)
		return
	}
	failed = true
	fmt.Printf("FAIL %s: %q\n", name, detail)
}

// run runs one command and describes the result as text.
func run(client *winrm.Client, line string) string {
	var out, errors bytes.Buffer
	code, err := client.Run(line, &out, &errors)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%d|%s|%s", code, out.String(), errors.String())
}

func main() {
	scheme, host := os.Args[1], os.Args[2]
	port, _ := strconv.Atoi(os.Args[3])
	endpoint := winrm.NewEndpoint(host, port, scheme == "https", true,
		nil, nil, nil, 30*time.Second)
	// A short operation timeout, so that silent commands exceed it.
	params := winrm.NewParameters("PT1S", "en-US", 153600)
	client, err := winrm.NewClientWithParameters(endpoint, os.Args[4],
		os.Args[5], params)
	if err != nil {
		fmt.Printf("FAIL client: %v\n", err)
		os.Exit(1)
	}
	got := run(client, "echo out; echo err >&2")
	check("output of both streams", got == "0|out\n|err\n", got)
	got = run(client, "exit 7")
	check("exit code", got == "7||", got)
	got = run(client, "sleep 2.5; echo late")
	check("silent command", got == "0|late\n|", got)
	got = run(client, "printf '\\303\\244 \\342\\202\\254'")
	check("unicode", got == "0|ä €|", got)

	var out, errors bytes.Buffer
	code, err := client.RunWithInput("cat", &out, &errors,
		strings.NewReader("from stdin\n"))
	check("input", err == nil && code == 0 && out.String() ==
		"from stdin\n", fmt.Sprint(code, err, out.String()))
	if failed {
		os.Exit(1)
	}
}
