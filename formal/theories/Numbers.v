(** * Number systems of lower bounds: residues, with or without residues of exponentials

    [base_residue p b v q]: a residue of base function v (Jets.v) at the rational number q: from its value where that is rational, otherwise,
    if bases are given, from those of e^(1/N) and e^(i/N). [base_residue_ok]: one relation between real numbers and residues covers all of them. *)
From Coq Require Import List ZArith QArith Qreals Reals Lia Lra Bool.
From SimCert Require Import Poly Jets ModP Residues.
Import ListNotations.
Local Open Scope R_scope.

Section Bases.
Variables (p : Z) (b : bases).
(** k where q = k/N *)
Definition exponent (q : Q) : option Z :=
  let n := (Qnum q * Zpos (b_denominator b))%Z in
  if Z.eqb (Z.modulo n (Zpos (Qden q))) 0 then Some (Z.div n (Zpos (Qden q))) else None.
Definition unit_inverse (z : Z) : option Z :=
  let u := inverse p (fuel_of p) (Z.modulo z p) in if is_inverse p z u then Some u else None.
Definition residue_exp (q : Q) : option Z := match exponent q with Some k => Some (power p (b_real b) (b_real' b) k) | None => None end.
Definition circular_part (f : Z -> Z -> Z) (q : Q) : option Z :=
  if b_circular b then match exponent q, unit_inverse 2 with Some k, Some h => Some (f k h) | _, _ => None end else None.
Definition exponential_base (v : positive) (q : Q) : option Z :=
  match v with
  | 2%positive => residue_exp q
  | 3%positive => match residue_exp (qmul 2 q) with
    | Some e => match unit_inverse (e + 1) with Some u => Some ((e - 1) * u)%Z | None => None end | None => None end
  | 4%positive => match residue_exp (qopp q) with Some e => unit_inverse (1 + e) | None => None end
  | 5%positive => residue_exp (qopp (qmul q q))
  | 6%positive => match residue_exp q, residue_exp (qopp q), unit_inverse 2 with Some e, Some e', Some h => Some ((e - e') * h)%Z | _, _, _ => None end
  | 7%positive => match residue_exp q, residue_exp (qopp q), unit_inverse 2 with Some e, Some e', Some h => Some ((e + e') * h)%Z | _, _, _ => None end
  | 8%positive => circular_part (fun k h => b_root b * (power p (b_imaginary b) (b_imaginary' b) (- k) - power p (b_imaginary b) (b_imaginary' b) k) * h)%Z q
  | 9%positive => circular_part (fun k h => (power p (b_imaginary b) (b_imaginary' b) k + power p (b_imaginary b) (b_imaginary' b) (- k)) * h)%Z q
  | _ => None
  end.

Hypothesis H : bases_ok p b = true.
Let RS := exponential_residues p b H.
Lemma exponent_ok q k : exponent q = Some k -> Q2R q = IZR k / IZR (Zpos (b_denominator b)).
Proof.
  unfold exponent. destruct (Z.eqb_spec (Z.modulo (Qnum q * Zpos (b_denominator b)) (Zpos (Qden q))) 0) as [E|_]; [|easy]. intros [= <-].
  assert (X : (Qnum q * Zpos (b_denominator b) = Zpos (Qden q) * (Qnum q * Zpos (b_denominator b) / Zpos (Qden q)))%Z).
  { rewrite (Z_div_mod_eq_full (Qnum q * Zpos (b_denominator b)) (Zpos (Qden q))) at 1. rewrite E. ring. }
  set (k := (Qnum q * Zpos (b_denominator b) / Zpos (Qden q))%Z) in *. apply (f_equal IZR) in X. rewrite !mult_IZR in X. unfold Q2R.
  assert (N1 : IZR (Zpos (Qden q)) <> 0) by (apply not_0_IZR; lia). assert (N2 : IZR (Zpos (b_denominator b)) <> 0) by (apply not_0_IZR; lia).
  apply (Rmult_eq_reg_l (IZR (Zpos (Qden q)) * IZR (Zpos (b_denominator b)))); [|now apply Rmult_integral_contrapositive].
  transitivity (IZR (Qnum q) * IZR (Zpos (b_denominator b))); [field; exact N1|]. rewrite X. field. exact N2.
Qed.
Lemma unit_inverse_ok r z u : unit_inverse z = Some u -> rep p RS r z -> rep p RS (/ r) u.
Proof.
  unfold unit_inverse, is_inverse. destruct (Z.eqb_spec (Z.modulo (z * inverse p (fuel_of p) (Z.modulo z p)) p) 1) as [E|_]; [|easy]. intros [= <-] K.
  exact (rep_inverse p RS _ _ _ K E).
Qed.
Lemma unit_inverse_mod z u : unit_inverse z = Some u -> ((z * u) mod p = 1)%Z.
Proof.
  unfold unit_inverse, is_inverse. destruct (Z.eqb_spec (Z.modulo (z * inverse p (fuel_of p) (Z.modulo z p)) p) 1) as [E|_]; [|easy]. now intros [= <-].
Qed.
Lemma residue_exp_ok q z : residue_exp q = Some z -> rep p RS (exp (Q2R q)) z.
Proof.
  unfold residue_exp. destruct (exponent q) as [k|] eqn:E; [|easy]. intros [= <-]. rewrite (exponent_ok q k E). apply rep_exp.
Qed.
Lemma half_rep h : unit_inverse 2 = Some h -> rep p RS (/ 2) h.
Proof. intros E. apply (unit_inverse_ok 2 2 h E). apply (rep_int p RS 2). Qed.
Theorem exponential_base_ok v q z : exponential_base v q = Some z -> rep p RS (base (Q2R q) v) z.
Proof.
  assert (P := exp_pos (Q2R q)). assert (P' := exp_pos (- Q2R q)).
  assert (L : forall a a' x y, rep p RS a x -> rep p RS a' y -> rep p RS (a - a') (x - y)%Z)
    by (intros; unfold Rminus, Z.sub; apply rep_plus; [assumption|now apply rep_opp]).
  assert (O : forall z, residue_exp (qopp q) = Some z -> rep p RS (exp (- Q2R q)) z) by (intros; rewrite <- qopp_ok; now apply residue_exp_ok).
  assert (O' : forall z, residue_exp q = Some z -> rep p RS (exp (Q2R q)) z) by (intros; now apply residue_exp_ok).
  assert (One := rep_int p RS 1).
  intros E.
  assert (C : (v = 2 \/ v = 3 \/ v = 4 \/ v = 5 \/ v = 6 \/ v = 7 \/ v = 8 \/ v = 9)%positive)
    by (destruct v as [[[[v|v|]|[v|v|]|]|[[v|v|]|[v|v|]|]|]|[[[v|v|]|[v|v|]|]|[[v|v|]|[v|v|]|]|]|]; try discriminate E; auto 20).
  destruct C as [->|[->|[->|[->|[->|[->|[->| ->]]]]]]]; cbn [exponential_base base] in *.
  - now apply O'.
  - destruct (residue_exp (qmul 2 q)) as [e|] eqn:E1; [|easy]. destruct (unit_inverse (e + 1)) as [u|] eqn:E2; [|easy]. injection E as <-.
    apply residue_exp_ok in E1. rewrite qmul_ok in E1.
    replace (tanh (Q2R q)) with ((exp (Q2R 2 * Q2R q) - 1) * / (exp (Q2R 2 * Q2R q) + 1)).
    + apply rep_times; [now apply L|]. apply (unit_inverse_ok _ _ _ E2). now apply rep_plus.
    + replace (Q2R 2) with 2 by (unfold Q2R; cbn; lra). replace (2 * Q2R q) with (Q2R q + Q2R q) by ring. rewrite exp_plus.
      unfold tanh, sinh, cosh. rewrite exp_Ropp. field. repeat split; nra.
  - destruct (residue_exp (qopp q)) as [e|] eqn:E1; [|easy]. apply (unit_inverse_ok _ _ _ E). apply rep_plus; [exact One|now apply O].
  - apply residue_exp_ok in E. now rewrite qopp_ok, qmul_ok in E.
  - destruct (residue_exp q) as [e|] eqn:E1; [|easy]. destruct (residue_exp (qopp q)) as [e'|] eqn:E2; [|easy].
    destruct (unit_inverse 2) as [h|] eqn:E3; [|easy]. injection E as <-. unfold sinh, Rdiv. apply rep_times; [apply L; auto|now apply half_rep].
  - destruct (residue_exp q) as [e|] eqn:E1; [|easy]. destruct (residue_exp (qopp q)) as [e'|] eqn:E2; [|easy].
    destruct (unit_inverse 2) as [h|] eqn:E3; [|easy]. injection E as <-. unfold cosh, Rdiv. apply rep_times; [apply rep_plus; auto|now apply half_rep].
  - unfold circular_part in E. destruct (b_circular b) eqn:Cb; [|easy].
    destruct (exponent q) as [k|] eqn:Ek; [|easy]. destruct (unit_inverse 2) as [h|] eqn:E3; [|easy]. injection E as <-. rewrite (exponent_ok q k Ek).
    apply rep_sin; [exact Cb|now apply unit_inverse_mod].
  - unfold circular_part in E. destruct (b_circular b) eqn:Cb; [|easy].
    destruct (exponent q) as [k|] eqn:Ek; [|easy]. destruct (unit_inverse 2) as [h|] eqn:E3; [|easy]. injection E as <-. rewrite (exponent_ok q k Ek).
    apply rep_cos; [exact Cb|now apply unit_inverse_mod].
Qed.
End Bases.

(** ** The number system of a certificate *)
Definition base_residue (p : Z) (b : option bases) (v : positive) (q : Q) : option Z :=
  match rational_base p v q with
  | Some z => Some z
  | None => match b with Some b => exponential_base p b v q | None => None end
  end.
Definition system_ok (p : Z) (b : option bases) : bool := Z.ltb 1 p && match b with Some b => bases_ok p b | None => true end.
Theorem base_residue_ok p b : system_ok p b = true ->
  exists RS : residues p, forall v q z, base_residue p b v q = Some z -> rep p RS (base (Q2R q) v) z.
Proof.
  unfold system_ok. intros H. apply andb_prop in H as [Hp Hb]. apply Z.ltb_lt in Hp. destruct b as [b|].
  - exists (exponential_residues p b Hb). intros v q z. unfold base_residue. destruct (rational_base p v q) as [z'|] eqn:E.
    + intros [= <-]. now apply rational_base_ok.
    + now apply exponential_base_ok.
  - exists (rational_residues p Hp). intros v q z. unfold base_residue. destruct (rational_base p v q) as [z'|] eqn:E; [|easy].
    intros [= <-]. now apply rational_base_ok.
Qed.
