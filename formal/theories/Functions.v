(** * SPECIFICATION: the two functions of the format that are integrals. *)
From Coq Require Import Reals.
From Coquelicot Require Import Coquelicot.
Local Open Scope R_scope.

Definition erf (t : R) : R := 2 / sqrt PI * RInt (fun u => exp (- (u * u))) 0 t.
Definition gelu (t : R) : R := t * (1 + erf (t / sqrt 2)) / 2.
