package store

import "testing"

func TestFeedPosition(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		if last, begun, err := s.FeedPosition(t.Context(), "a"); last != 0 || begun || err != nil {
			t.Fatalf("%d, %v, %v before it has begun", last, begun, err)
		}
		for _, at := range []int64{0, 7, 9} {
			if err := s.SetFeedPosition(t.Context(), "a", at); err != nil {
				t.Fatal(err)
			}
			if last, begun, err := s.FeedPosition(t.Context(), "a"); last != at || !begun || err != nil {
				t.Errorf("%d, %v, %v, want %d", last, begun, err, at)
			}
		}
		if _, begun, err := s.FeedPosition(t.Context(), "b"); begun || err != nil {
			t.Errorf("another reader has begun: %v, %v", begun, err)
		}
	})
}
