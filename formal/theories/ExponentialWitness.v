(** * Refutation by a witness with exponential functions at rational arguments, modulo p (method exponential). *)
From Coq Require Import List ZArith NArith QArith Qreals Reals Bool Lia.
From SimCert Require Residues Exponentials.
From SimCert Require Import Syntax Meaning Refute.
Import ListNotations.
Local Open Scope R_scope.

(** inverses of the residues that are stated; [Residues.bases_ok] checks them *)
Definition inverse_or_0 (p z : Z) : Z := match Duals.inverse p z with Some w => w | None => 0%Z end.
Definition bases_of (x : exponential_bases) : option Residues.bases :=
  let p := Z.of_N (x_modulus x) in
  match x_denominator x with
  | N0 => None
  | Npos n =>
    let t := Z.of_N (x_real x) in
    let '(e, i) := match x_imaginary x with Some (e, i) => (Z.of_N e, Z.of_N i) | None => (1%Z, 0%Z) end in
    Some {| Residues.b_denominator := n; Residues.b_real := t; Residues.b_real' := inverse_or_0 p t;
            Residues.b_circular := match x_imaginary x with Some _ => true | None => false end;
            Residues.b_imaginary := e; Residues.b_imaginary' := inverse_or_0 p e; Residues.b_root := i |}
  end.
Definition check_exponential (m : model) (L : subspace) (w : witness) (x : exponential_bases) (v : N) : bool :=
  match bases_of x with
  | Some b =>
    match bool_dec (Residues.bases_ok (Z.of_N (x_modulus x)) b) true with
    | left H => check_refutation (Exponentials.exponentials _ b H)
        (fun a : Exponentials.value => Z.eqb (snd a) (Z.of_N v) && negb (Z.eqb (snd a mod Z.of_N (x_modulus x)) 0)) m L w
    | right _ => false
    end
  | None => false
  end.
Theorem check_exponential_sound m L w x v :
  (forall f d, In (f, d) (m_activations m) -> match d with Class _ => True | _ => exists g, function_of d = Some g end) ->
  check_exponential m L w x v = true -> exists sigma, polynomial_members m sigma /\ not_invariant_for m L sigma.
Proof.
  intros Hd. unfold check_exponential. destruct (bases_of x) as [b|]; [|easy]. destruct (bool_dec _ true) as [H|]; [|easy].
  apply check_refutation_sound; [|exact Hd]. intros r a Hr G. apply andb_prop in G as [_ G]. apply negb_true_iff, Z.eqb_neq in G.
  exact (Exponentials.stands_nonzero _ b H r a Hr G).
Qed.
