// Integrator walks one deal from creation to done with the client that is
// generated from docs/openapi.json, and needs nothing else to know.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"

	"integrator/client"
)

func main() {
	if err := walk(context.Background(), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func walk(ctx context.Context, address string) error {
	api, err := client.NewClientWithResponses(address)
	if err != nil {
		return err
	}
	companies, err := api.ListCompaniesWithResponse(ctx)
	if err != nil {
		return err
	}
	company := companies.JSON200.Items[0]
	key, process := "walk-1", company.Processes[0].Id
	name, email, subject := "Пётр", "petr@client.test", "Нужна кухня"
	lead := client.NewDeal{Company: company.Id, Process: &process, Contact: &client.NewContact{Name: &name, Email: &email}, Subject: &subject}
	created, err := api.CreateDealWithResponse(ctx, &client.CreateDealParams{IdempotencyKey: &key}, lead)
	if err != nil {
		return err
	}
	if created.JSON201 == nil {
		return fmt.Errorf("not created: %s", created.Body)
	}
	id := created.JSON201.Id

	// What blocks the deal says itself how to go on.
	for range 10 {
		got, err := api.GetDealWithResponse(ctx, id)
		if err != nil {
			return err
		}
		d := got.JSON200
		if d == nil {
			return fmt.Errorf("not read: %s", got.Body)
		}
		if d.ClosedAt != nil {
			fmt.Println(d.Status, *d.ClosedAt)
			return nil
		}
		if err := open(ctx, api, d, got.HTTPResponse.Header.Get("ETag")); err != nil {
			return err
		}
	}
	return errors.New("the deal does not end")
}

// open does what the deal says is missing.
func open(ctx context.Context, api *client.ClientWithResponses, d *client.Deal, tag string) error {
	fields := map[string]any{}
	for _, b := range d.Blocking {
		if b.Field != nil {
			fields[*b.Field] = map[string]any{"budget": 300000, "need": "белая"}[*b.Field]
		}
		if b.Document != nil {
			note := "signed"
			added, err := api.AddDocumentWithResponse(ctx, d.Id, *b.Document, nil, client.DocumentLink{Note: &note})
			if err := answer(added.HTTPResponse, added.Body, err); err != nil {
				return err
			}
			return nil
		}
	}
	if len(fields) > 0 {
		patched, err := api.PatchDealWithResponse(ctx, d.Id, &client.PatchDealParams{IfMatch: &tag}, client.DealPatch{Fields: &fields})
		return answer(patched.HTTPResponse, patched.Body, err)
	}
	for _, t := range d.Tasks {
		if t.Status == client.TaskStatusOpen && t.Required {
			done, err := api.CompleteTaskWithResponse(ctx, d.Id, t.Id, nil, client.CompleteTaskJSONRequestBody{})
			return answer(done.HTTPResponse, done.Body, err)
		}
	}
	return fmt.Errorf("nothing to do in stage %s", d.Stage)
}

func answer(res *http.Response, body []byte, err error) error {
	if err == nil && res.StatusCode >= 300 {
		err = fmt.Errorf("status %d: %s", res.StatusCode, body)
	}
	return err
}
