// Package graph draws a flow: steps as boxes, from top to bottom; what branches off as
// columns below them, each with its outcome, key or condition; other flows as boxes with
// a link. [Read] makes a [Flow] of what is written in an app, [Flow.SVG], [Flow.DOT] and
// [Flow.Mermaid] write it. Nothing else is needed for a picture than a browser.
package graph
