// Asks Go's crypto/x509 about chains: JSON Lines with chain, roots (DER in base64) and at (seconds since the Unix epoch); a line
// of the answer is "accepts" or the error. As crypto/tls does, a certificate that cannot be parsed refuses the chain.
package main

import (
	"bufio"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"os"
	"time"
)

type question struct {
	Chain [][]byte `json:"chain"`
	Roots [][]byte `json:"roots"`
	At    int64    `json:"at"`
}

func pool(ders [][]byte) (*x509.CertPool, error) {
	certificates := x509.NewCertPool()
	for _, der := range ders {
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, err
		}
		certificates.AddCert(certificate)
	}
	return certificates, nil
}

func verify(asked question) error {
	leaf, err := x509.ParseCertificate(asked.Chain[0])
	if err != nil {
		return err
	}
	intermediates, err := pool(asked.Chain[1:])
	if err != nil {
		return err
	}
	roots, err := pool(asked.Roots)
	if err != nil {
		return err
	}
	_, err = leaf.Verify(x509.VerifyOptions{
		Roots:         roots,
		Intermediates: intermediates,
		CurrentTime:   time.Unix(asked.At, 0),
		KeyUsages:     []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	return err
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var asked question
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if err := verify(asked); err != nil {
			fmt.Println(err)
		} else {
			fmt.Println("accepts")
		}
	}
}
