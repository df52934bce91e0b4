// Checks a node's log with other people's code: the checkpoint with golang.org/x/mod/sumdb/note, the entries and tiles with
// transparency-dev/merkle. Reads files that were fetched before; exits 1 on the first thing that does not fit.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
)

func fail(format string, arguments ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", arguments...)
	os.Exit(1)
}

func read(dir, name string) []byte {
	content, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		fail("%v", err)
	}
	return content
}

// The size and root that the log's key signed.
func checkpoint(dir string) (uint64, []byte) {
	verifier, err := note.NewVerifier(strings.TrimSpace(string(read(dir, "key"))))
	if err != nil {
		fail("key: %v", err)
	}
	signed, err := note.Open(read(dir, "checkpoint"), note.VerifierList(verifier))
	if err != nil {
		fail("checkpoint: %v", err)
	}
	lines := strings.Split(signed.Text, "\n")
	size, err := strconv.ParseUint(lines[1], 10, 64)
	if err != nil {
		fail("size: %v", err)
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil {
		fail("root: %v", err)
	}
	return size, root
}

// tlog-tiles entry bundle: each entry behind its length, two bytes big endian.
func entries(bundle []byte) [][]byte {
	var list [][]byte
	for len(bundle) > 0 {
		if len(bundle) < 2 {
			fail("entries: cut off")
		}
		size := int(binary.BigEndian.Uint16(bundle))
		if len(bundle) < 2+size {
			fail("entries: cut off")
		}
		list = append(list, bundle[2:2+size])
		bundle = bundle[2+size:]
	}
	return list
}

func main() {
	dir := os.Args[1]
	size, root := checkpoint(dir)
	list, tile := entries(read(dir, "entries")), read(dir, "tile")
	if uint64(len(list)) != size || len(tile) != int(size)*32 {
		fail("%d entries, %d bytes of tile, for a tree of %d", len(list), len(tile), size)
	}
	factory := compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	tree := factory.NewEmptyRange(0)
	for i, entry := range list {
		leaf := rfc6962.DefaultHasher.HashLeaf(entry)
		if !bytes.Equal(leaf, tile[32*i:32*i+32]) {
			fail("entry %d is not what the tile says", i)
		}
		if err := tree.Append(leaf, nil); err != nil {
			fail("%v", err)
		}
	}
	got, err := tree.GetRootHash(nil)
	if err != nil || !bytes.Equal(got, root) {
		fail("the entries give another root than the checkpoint")
	}
	fmt.Printf("tiles accepted: %d entries, root %x\n", size, root)
}
