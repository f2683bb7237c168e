package server

import (
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dealwright/dealwright/store"
)

// List is a page of anything. It is exported, as are the parts of inputs, because huma looks at no
// embedded struct that is not.
type List[T any] struct {
	Items      []T     `json:"items"`
	NextCursor *string `json:"next_cursor" doc:"Give it as cursor for the next page; null on the last."`
	Total      int     `json:"total" doc:"Of all pages."`
}

// Paging is what every list takes.
type Paging struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50" doc:"How many at most."`
	Cursor string `query:"cursor" maxLength:"1000" doc:"The next_cursor of the page before."`
}

// WholePaging is what lists take that are short as a rule, so that one page
// holds them.
type WholePaging struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"500" doc:"How many at most."`
	Cursor string `query:"cursor" maxLength:"1000" doc:"The next_cursor of the page before."`
}

// wholeOf is the page of a list that was made whole.
func wholeOf[T any](all []T, in WholePaging) (List[T], error) {
	from, err := 0, error(nil)
	if in.Cursor != "" {
		if from, err = strconv.Atoi(in.Cursor); err != nil || from < 1 || from > len(all) {
			return List[T]{}, invalid.fault("cursor", "it is not one that this list gave out; begin without a cursor")
		}
	}
	page := List[T]{Items: append([]T{}, all[from:min(from+in.Limit, len(all))]...), Total: len(all)}
	if next := from + in.Limit; next < len(all) {
		page.NextCursor = textOrNull(strconv.Itoa(next))
	}
	return page, nil
}

// listOf makes the JSON of a page from the store's.
func listOf[R, V any](page store.Page[R], view func(*R) V) *output[List[V]] {
	out := &output[List[V]]{Body: List[V]{Items: make([]V, 0, len(page.Items)), NextCursor: textOrNull(page.Next), Total: page.Total}}
	for i := range page.Items {
		out.Body.Items = append(out.Body.Items, view(&page.Items[i]))
	}
	return out
}

// read describes a call that changes nothing.
func read(id, path, tag, summary, description string) huma.Operation {
	return atLeast(RoleViewer, huma.Operation{
		OperationID: id, Method: http.MethodGet, Path: apiPath + path, Tags: []string{tag}, Summary: summary, Description: description,
		Errors:                       []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusTooManyRequests, http.StatusServiceUnavailable},
		RejectUnknownQueryParameters: true,
	})
}

// write describes a call that changes something.
func write(id, method, path, tag, summary, description string, status int) huma.Operation {
	op := atLeast(RoleRep, read(id, path, tag, summary, description))
	op.Method, op.DefaultStatus, op.MaxBodyBytes, op.BodyReadTimeout = method, status, maxBody, 10*time.Second
	op.Errors = append(op.Errors, http.StatusConflict, http.StatusPreconditionFailed, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	return op
}
