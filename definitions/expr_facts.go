package definitions

import (
	"time"

	"cel.dev/cel-go/common/types"
)

// factText is a text of the facts; it is set when it is not empty.
func factText(get func(*Facts) string) *types.FieldType {
	return &types.FieldType{
		Type:    types.StringType,
		IsSet:   func(t any) bool { return get(t.(*Facts)) != "" },
		GetFrom: func(t any) (any, error) { return types.String(get(t.(*Facts))), nil },
	}
}

// factNumber is a number of the facts; it is set when it is not 0.
func factNumber(get func(*Facts) float64) *types.FieldType {
	return &types.FieldType{
		Type:    types.DoubleType,
		IsSet:   func(t any) bool { return get(t.(*Facts)) != 0 },
		GetFrom: func(t any) (any, error) { return types.Double(get(t.(*Facts))), nil },
	}
}

// fieldFact is a declared field: typed, with the empty value of its type when
// it is not filled. It is nil for a type that does not exist.
func fieldFact(f Field, zone *time.Location) *types.FieldType {
	id := f.ID
	ft := &types.FieldType{IsSet: func(t any) bool { return isFilled(t.(*Facts).Fields[id]) }}
	switch f.Type {
	case TypeText, TypeChoice, TypeEmail, TypePhone:
		ft.Type = types.StringType
		ft.GetFrom = func(t any) (any, error) {
			s, _ := t.(*Facts).Fields[id].(string)
			return types.String(s), nil
		}
	case TypeNumber, TypeMoney:
		ft.Type = types.DoubleType
		ft.GetFrom = func(t any) (any, error) {
			n, _ := t.(*Facts).Fields[id].(float64)
			return types.Double(n), nil
		}
	case TypeBool:
		ft.Type = types.BoolType
		ft.GetFrom = func(t any) (any, error) {
			b, _ := t.(*Facts).Fields[id].(bool)
			return types.Bool(b), nil
		}
	case TypeDate:
		ft.Type = types.TimestampType
		ft.GetFrom = func(t any) (any, error) {
			s, _ := t.(*Facts).Fields[id].(string)
			if s == "" {
				return types.Timestamp{Time: unsetDate}, nil
			}
			day, err := parseDate(s, zone)
			if err != nil {
				return nil, err
			}
			return types.Timestamp{Time: day}, nil
		}
	default:
		return nil
	}
	return ft
}
