(** * What the assumptions of a claim give for the scalar program: facts, and derivatives with the symmetry of the function. *)
From Coq Require Import List ZArith NArith QArith Qreals Reals Ascii Bool Lia Lra FMapPositive.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Expr.
From SimCert Require Slp Checks.
From SimCert Require Import Syntax Printer Parser Meaning Named Scalar Proper.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope R_scope.

(** ** Polynomials *)
Lemma polynomial_parity c : forall t,
  (every_other c true = true -> polynomial c (- t) = - polynomial c t) /\
  (every_other c false = true -> polynomial c (- t) = polynomial c t).
Proof.
  induction c as [|a c IH]; intros t; cbn [every_other polynomial negb orb].
  - split; intros; ring.
  - destruct (IH t) as [H1 H2]. split.
    + intros H. apply andb_prop in H as [Ha Hc]. rewrite (qzero_ok a Ha), H2 by exact Hc. ring.
    + intros H. rewrite H1 by exact H. ring.
Qed.
Lemma polynomial_0 c : polynomial c 0 = Q2R (at_ c 0 0%Q).
Proof. destruct c as [|a c]; unfold at_; cbn; [symmetry; apply Q2R_0|ring]. Qed.
Lemma polynomial_derive c t : ex_derive (polynomial c) t.
Proof.
  revert t; induction c as [|a c IH]; intros t; cbn [polynomial].
  - apply @ex_derive_const.
  - apply (ex_derive_plus (fun _ => Q2R a) (fun t => t * polynomial c t)); [apply @ex_derive_const|].
    apply (ex_derive_mult (fun t => t) (polynomial c)); [apply @ex_derive_id|apply IH].
Qed.
Lemma polynomial_slope c : Derive (polynomial c) 0 = Q2R (at_ c 1 0%Q).
Proof.
  destruct c as [|a c]; unfold at_; cbn [polynomial N.to_nat Pos.to_nat Pos.iter_op].
  - rewrite Derive_const. symmetry. apply Q2R_0.
  - cbn [nth]. rewrite (Derive_plus (fun _ => Q2R a) (fun t => t * polynomial c t)).
    + rewrite Derive_const, (Derive_mult (fun t => t) (polynomial c)), Derive_id.
      * rewrite polynomial_0. unfold at_. change (N.to_nat 1) with 1%nat. destruct c; simpl; ring.
      * apply @ex_derive_id.
      * apply polynomial_derive.
    + apply @ex_derive_const.
    + apply (ex_derive_mult (fun t => t) (polynomial c)); [apply @ex_derive_id|apply polynomial_derive].
Qed.

(** ** A derivative that has the symmetry also where there is none *)
Definition slope (sign : option bool) (g : R -> R) (t : R) : R :=
  match sign with
  | Some true => (Derive g t + Derive g (- t)) / 2
  | Some false => (Derive g t - Derive g (- t)) / 2
  | None => Derive g t
  end.
Definition signed (sign : option bool) (g : R -> R) : Prop :=
  match sign with
  | Some true => forall t, g (- t) = - g t
  | Some false => forall t, g (- t) = g t
  | None => True
  end.
Lemma slope_ok sign g t : signed sign g -> ex_derive g t -> is_derive g t (slope sign g t).
Proof.
  intros Hs Hd. assert (K := Derive_correct g t Hd). unfold slope. destruct sign as [b|]; [|exact K].
  assert (G : is_derive g (- t) (if b then Derive g t else - Derive g t)).
  { assert (C : is_derive (fun u => g (- u)) (- t) (- Derive g t)).
    { replace (- Derive g t) with (scal (-1) (Derive g t)) by (unfold scal; simpl; unfold mult; simpl; ring).
      apply (is_derive_comp g (fun u => - u)).
      - rewrite Ropp_involutive. exact K.
      - auto_derive; [exact I|ring]. }
    destruct b; simpl in Hs.
    - apply (is_derive_ext (fun u => opp (g (- u)))).
      + intros u. rewrite Hs. unfold opp; simpl. ring.
      + replace (Derive g t) with (opp (- Derive g t)) by (unfold opp; simpl; ring). now apply @is_derive_opp.
    - apply (is_derive_ext (fun u => g (- u))); [intros u; apply Hs|exact C]. }
  rewrite (is_derive_unique _ _ _ G). destruct b;
    match goal with |- is_derive _ _ ?z => replace z with (Derive g t) by lra; exact K end.
Qed.

(** ** Activations are numbered from 1 in the order of the model *)
Fixpoint number {A} (k : positive) (l : list A) : list (positive * A) :=
  match l with [] => [] | a :: l' => (k, a) :: number (Pos.succ k) l' end.
Lemma assoc_number {A B} (g : A -> B) : forall (l : list A) k j, Checks.assoc j (map (fun p => (fst p, g (snd p))) (number k l)) =
  if Pos.ltb j k then None else match nth_error l (Pos.to_nat j - Pos.to_nat k) with Some a => Some (g a) | None => None end.
Proof.
  induction l as [|a l IH]; intros k j; cbn [number map Checks.assoc].
  - destruct (Pos.ltb j k); [reflexivity|]. now destruct (_ - _)%nat.
  - cbn [fst snd]. destruct (Pos.eqb_spec j k) as [->|D].
    + rewrite Pos.ltb_irrefl, Nat.sub_diag. reflexivity.
    + rewrite IH. destruct (Pos.ltb_spec j (Pos.succ k)), (Pos.ltb_spec j k); try lia; [reflexivity|].
      replace (Pos.to_nat j - Pos.to_nat k)%nat with (S (Pos.to_nat j - Pos.to_nat (Pos.succ k))) by lia. reflexivity.
Qed.
Fixpoint position (f : text) (l : list (text * definition)) (k : positive) : option positive :=
  match l with [] => None | (g, _) :: l' => if text_eqb f g then Some k else position f l' (Pos.succ k) end.
Lemma position_ok f : forall l k j, position f l k = Some j ->
  (k <= j)%positive /\ exists d, nth_error l (Pos.to_nat j - Pos.to_nat k) = Some (f, d).
Proof.
  induction l as [|[g d] l IH]; intros k j; cbn [position]; [easy|].
  destruct (text_eqb f g) eqn:Ef.
  - intros [= <-]. apply text_eqb_ok in Ef as ->. split; [lia|]. exists d. now rewrite Nat.sub_diag.
  - intros H. apply IH in H as [H1 [d' H2]]. split; [lia|]. exists d'.
    replace (Pos.to_nat j - Pos.to_nat k)%nat with (S (Pos.to_nat j - Pos.to_nat (Pos.succ k))) by lia. exact H2.
Qed.
Lemma find_in {A} f (l : list (text * A)) d : find f l = Some d -> In (f, d) l.
Proof.
  induction l as [|[g e] l IH]; cbn [find]; [easy|]. destruct (text_eqb f g) eqn:Ef; [|intros; right; auto].
  apply text_eqb_ok in Ef as ->. intros [= ->]. now left.
Qed.

Lemma has_ok l f : has l f = true -> In f l.
Proof.
  unfold has. intros H. apply existsb_exists in H as (g & Hg & E). destruct f, g; simpl in E; try easy; exact Hg.
Qed.
Lemma polynomial_facts_ok c g : (forall t, g t = polynomial c t) -> forall h, has (own_facts (Polynomial c)) h = true -> fact_holds g h.
Proof.
  intros Hs h Hh. unfold own_facts in Hh. unfold has in Hh. rewrite !existsb_app in Hh. assert (Hp := polynomial_parity c).
  assert (Z : forall (b : bool) x, existsb (fact_eqb h) (if b then [x] else []) = true -> b = true /\ h = x)
    by (intros b x; destruct b; simpl; [|easy]; rewrite orb_false_r; intros E; split; [reflexivity|destruct h, x; easy]).
  repeat (apply orb_prop in Hh as [Hh|Hh]); apply Z in Hh as [Hb ->]; cbn [fact_holds].
  - intros t. rewrite !Hs. now apply Hp.
  - intros t. rewrite !Hs. now apply Hp.
  - rewrite Hs, polynomial_0. now apply qzero_ok.
  - rewrite (Derive_ext _ (polynomial c)) by exact Hs. rewrite polynomial_slope. now apply qzero_ok.
Qed.

Definition facts_from (l : list fact) : Slp.facts :=
  {| Slp.f_sign := if has l Odd then Some true else if has l Even then Some false else None;
     Slp.f_zero := has l Zero; Slp.f_flat := has l Flat; Slp.f_step := false; Slp.f_ode := None |}.
Definition facts_of (assumptions : list (text * assumption)) (fd : text * definition) : Slp.facts :=
  match find (fst fd) assumptions, snd fd with
  | Some (Facts l), _ => facts_from l
  | Some Itself, Polynomial c => facts_from (own_facts (Polynomial c))
  | Some Itself, Piecewise p q => if qeqb p q then Slp.no_facts else Slp.step_facts
  | Some Itself, Named n =>
    {| Slp.f_sign := if one_of odd_names n then Some true else if one_of even_names n then Some false else None; Slp.f_zero := one_of zero_names n;
       Slp.f_flat := false; Slp.f_step := false; Slp.f_ode := named_ode n |}
  | _, _ => Slp.no_facts
  end.
(** [all]: polynomials of every degree are expanded *)
Definition treatment_of (all : bool) (m : model) (assumptions : list (text * assumption)) (f : text) : option treatment :=
  match position f (m_activations m) 1, find f (m_activations m), find f assumptions with
  | Some j, Some d, Some a =>
    match a, d with
    | Itself, Polynomial c => if all || N.leb (length_n c) 2 then Some (Expand c) else Some (Atom j)
    | Itself, Class _ => None
    | Itself, Piecewise p q => Some (if qeqb p q then Expand [0; p]%Q else Signed (half (qadd p q)) (half (qadd q (qopp p))) j)
    | _, _ => Some (Atom j)
    end
  | _, _, _ => None
  end.
Definition scalar_facts (m : model) (assumptions : list (text * assumption)) : list (positive * Slp.facts) :=
  map (fun p => (fst p, facts_of assumptions (snd p))) (number 1 (m_activations m)).

Section Assumed.
Variable m : model.
Variable assumptions : list (text * assumption).
Variable sigma : text -> R -> R.
Hypothesis Hadm : admissible m assumptions sigma.

Lemma facts_ok f d : In (f, d) (m_activations m) ->
  let F := facts_of assumptions (f, d) in
  signed (Slp.f_sign F) (sigma f) /\ (Slp.f_zero F = true -> sigma f 0 = 0) /\ (Slp.f_flat F = true -> Derive (sigma f) 0 = 0).
Proof.
  intros Hin. specialize (Hadm f d Hin). unfold facts_of. cbn [fst snd].
  assert (G : forall l, (forall h, has l h = true -> fact_holds (sigma f) h) ->
    let F := facts_from l in signed (Slp.f_sign F) (sigma f) /\ (Slp.f_zero F = true -> sigma f 0 = 0) /\
    (Slp.f_flat F = true -> Derive (sigma f) 0 = 0)).
  { intros l H. unfold facts_from. cbn. split; [|split].
    - destruct (has l Odd) eqn:E1; [exact (H Odd E1)|]. destruct (has l Even) eqn:E2; [exact (H Even E2)|exact I].
    - intros E; exact (H Zero E).
    - intros E; exact (H Flat E). }
  assert (T : signed None (sigma f) /\ (false = true -> sigma f 0 = 0) /\ (false = true -> Derive (sigma f) 0 = 0))
    by (split; [exact I|split; discriminate]).
  destruct (find f assumptions) as [[|l]|]; [|apply G; intros h Hh; apply Hadm; now apply has_ok|destruct d; exact T].
  destruct d as [c|c|a b|n]; try exact T.
  - destruct Hadm as (g & Hg & Hs). injection Hg as <-. apply G. now apply polynomial_facts_ok.
  - destruct (qeqb a b); exact T.
  - destruct Hadm as (g & Hg & Hs). cbn [Slp.f_sign Slp.f_zero Slp.f_flat]. split; [|split; [|discriminate]].
    + destruct (one_of odd_names n) eqn:E1; [intros t; rewrite !Hs; now apply (odd_named n)|].
      destruct (one_of even_names n) eqn:E2; [intros t; rewrite !Hs; now apply (even_named n)|exact I].
    + intros E. rewrite Hs. now apply (zero_named n).
Qed.
(** a sign belongs to a piecewise function with a kink, and a differential equation to a named function *)
Lemma step_ok f d : In (f, d) (m_activations m) -> Slp.f_step (facts_of assumptions (f, d)) = true ->
  exists p q, d = Piecewise p q /\ Q2R p <> Q2R q /\ (forall t, sigma f t = piecewise p q t) /\ facts_of assumptions (f, d) = Slp.step_facts.
Proof.
  intros Hin. specialize (Hadm f d Hin). unfold facts_of. cbn [fst snd]. destruct (find f assumptions) as [[|l]|]; [|discriminate|destruct d; discriminate].
  destruct d as [c|c|p q|n]; try discriminate. destruct (qeqb p q) eqn:E; [discriminate|]. intros _. destruct Hadm as (g & Hg & Hs). injection Hg as <-.
  exists p, q. split; [reflexivity|]. split; [|split; [exact Hs|reflexivity]]. intros K. apply eqR_Qeq in K. unfold Qeq in K. unfold qeqb in E. apply Z.eqb_neq in E. now apply E.
Qed.
Lemma ode_ok f d c : In (f, d) (m_activations m) -> Slp.f_ode (facts_of assumptions (f, d)) = Some c ->
  (forall t, ex_derive (sigma f) t -> is_derive (sigma f) t (Slp.rpoly c (sigma f t))) /\
  match Slp.f_sign (facts_of assumptions (f, d)) with Some true => forall y, Slp.rpoly c (- y) = Slp.rpoly c y | Some false => False | None => True end.
Proof.
  intros Hin. specialize (Hadm f d Hin). unfold facts_of. cbn [fst snd]. destruct (find f assumptions) as [[|l]|]; [|discriminate|destruct d; discriminate].
  destruct d as [c'|c'|p q|n]; [discriminate|discriminate|destruct (qeqb p q); discriminate|]. cbn [Slp.f_ode Slp.f_sign]. intros H. destruct Hadm as (g & Hg & Hs). split.
  - intros t Ht. rewrite Hs. apply (is_derive_ext g); [intros u; now rewrite Hs|]. apply (named_ode_ok n g c H Hg). revert Ht. apply ex_derive_ext. intros u. apply Hs.
  - destruct (one_of odd_names n) eqn:E; [now apply (odd_ode n)|]. now rewrite (even_ode n c H).
Qed.

(** the functions and derivatives of the scalar program *)
Definition scalar_d (F : Slp.facts) (g : R -> R) : R -> R := match Slp.f_ode F with Some c => fun t => Slp.rpoly c (g t) | None => slope (Slp.f_sign F) g end.
Definition scalar_s (k : positive) (d : bool) : R -> R :=
  match nth_error (m_activations m) (pred (Pos.to_nat k)) with
  | Some (f, def) =>
    let F := facts_of assumptions (f, def) in
    if Slp.f_step F then (if d then fun _ => 0 else Slp.sgn) else if d then scalar_d F (sigma f) else sigma f
  | None => fun _ => 0
  end.
Definition scalar_par : Slp.parity :=
  fun k => match Checks.assoc k (scalar_facts m assumptions) with Some f => f | None => Slp.no_facts end.
Lemma scalar_d_ok f d t : In (f, d) (m_activations m) -> ex_derive (sigma f) t -> is_derive (sigma f) t (scalar_d (facts_of assumptions (f, d)) (sigma f) t).
Proof.
  intros Hin Ht. unfold scalar_d. destruct (Slp.f_ode _) as [c|] eqn:E; [now apply (ode_ok f d c Hin E)|]. apply slope_ok; [|exact Ht]. now apply (facts_ok f d).
Qed.

Lemma scalar_par_ok : Slp.parity_ok scalar_s scalar_par.
Proof.
  intros k. unfold Slp.known_at, scalar_par, scalar_facts. rewrite (assoc_number (facts_of assumptions)).
  destruct (Pos.ltb_spec k 1); [lia|]. unfold scalar_s.
  replace (Pos.to_nat k - Pos.to_nat 1)%nat with (pred (Pos.to_nat k)) by lia.
  destruct (nth_error (m_activations m) (pred (Pos.to_nat k))) as [[f d]|] eqn:Ef.
  2:{ split; [|discriminate]. split; [intros t; exact I|]. split; [discriminate|]. split; [discriminate|]. split; [discriminate|]. discriminate. }
  apply nth_error_In in Ef. destruct (facts_ok f d Ef) as (H1 & H2 & H3). cbv zeta.
  destruct (Slp.f_step (facts_of assumptions (f, d))) eqn:St.
  { destruct (step_ok f d Ef St) as (p & q & _ & _ & _ & ->). cbn [Slp.f_sign Slp.f_zero Slp.f_flat Slp.f_ode Slp.step_facts]. repeat split; easy. }
  assert (O := ode_ok f d). specialize (O). set (F := facts_of assumptions (f, d)) in *. split; [|discriminate]. split; [|split; [|split; [|split]]].
  - intros t. unfold scalar_d. destruct (Slp.f_ode F) as [c|] eqn:Eo.
    + destruct (O c Ef eq_refl) as [_ O']. destruct (Slp.f_sign F) as [[|]|]; [|easy|easy]. split; [apply H1|]. simpl in H1. now rewrite H1.
    + unfold slope. destruct (Slp.f_sign F) as [[|]|]; simpl in H1; auto; (split; [apply H1|]); rewrite Ropp_involutive; field.
  - exact H2.
  - intros E. assert (Eo : Slp.f_ode F = None).
    { revert E. unfold F, facts_of. cbn [fst snd]. destruct (find f assumptions) as [[|l]|]; [|reflexivity|now destruct d].
      destruct d as [c|c|p q|n]; try reflexivity; [destruct (qeqb p q); reflexivity|discriminate]. }
    unfold scalar_d. rewrite Eo. unfold slope. rewrite Ropp_0, (H3 E). destruct (Slp.f_sign F) as [[|]|]; field.
  - congruence.
  - intros c Eo t. unfold scalar_d. now rewrite Eo.
Qed.

Lemma treatment_ok all f : treated scalar_s (treatment_of all m assumptions) sigma f.
Proof.
  unfold treated, treatment_of.
  destruct (position f (m_activations m) 1) as [j|] eqn:Ep; [|exact I].
  destruct (find f (m_activations m)) as [d|] eqn:Ed; [|exact I].
  destruct (find f assumptions) as [a|] eqn:Ea; [|exact I].
  destruct (position_ok _ _ _ _ Ep) as (_ & d' & Hn).
  assert (d' = d) as ->.
  { clear -Ep Ed Hn. revert Ep Ed Hn. generalize 1%positive as k. generalize (m_activations m) as l. induction l as [|[g e] l IH]; cbn [position find]; [easy|]. intros k.
    destruct (text_eqb f g) eqn:E.
    - intros [= ->] [= ->]. rewrite Nat.sub_diag. now intros [= ->].
    - intros H1 H2 H3. assert (K := position_ok _ _ _ _ H1). destruct K as [K _].
      apply (IH (Pos.succ k) H1 H2). replace (Pos.to_nat j - Pos.to_nat k)%nat with (S (Pos.to_nat j - Pos.to_nat (Pos.succ k))) in H3 by lia. exact H3. }
  replace (Pos.to_nat j - Pos.to_nat 1)%nat with (pred (Pos.to_nat j)) in Hn by lia. assert (Hin := nth_error_In _ _ Hn).
  assert (A : Slp.f_step (facts_of assumptions (f, d)) = false -> scalar_s j false = sigma f /\ (forall t, ex_derive (sigma f) t -> is_derive (sigma f) t (scalar_s j true t))).
  { intros St. unfold scalar_s. rewrite Hn. cbv zeta. rewrite St. split; [reflexivity|]. intros t. now apply scalar_d_ok. }
  assert (St : Slp.f_step (facts_of assumptions (f, d)) = match a, d with Itself, Piecewise p q => negb (qeqb p q) | _, _ => false end).
  { unfold facts_of. cbn [fst snd]. rewrite Ea. destruct a as [|l]; [|reflexivity]. destruct d as [c|c|p q|n]; try reflexivity. now destruct (qeqb p q). }
  destruct a as [|l]; [|now apply A]. destruct d as [c|c|p q|n]; [exact I| | |now apply A].
  - destruct (all || N.leb (length_n c) 2)%bool; [|now apply A].
    specialize (Hadm f _ Hin). rewrite Ea in Hadm. destruct Hadm as (g & Hg & Hs). now injection Hg as <-.
  - destruct (qeqb p q) eqn:E.
    + specialize (Hadm f _ Hin). rewrite Ea in Hadm. destruct Hadm as (g & Hg & Hs). injection Hg as <-. intros t. rewrite Hs. cbn [polynomial].
      apply qeqb_ok in E. rewrite Q2R_0. destruct (Rle_dec 0 t); rewrite ?E; ring.
    + destruct (step_ok f _ Hin St) as (p' & q' & [= <- <-] & D & Hs & _). unfold scalar_s. rewrite Hn. cbv zeta. rewrite St. cbn [negb]. split.
      * intros t. rewrite Hs. apply piecewise_signed.
      * intros t Ht. apply is_derive_sgn. intros ->. apply (kink p q D). revert Ht. apply ex_derive_ext. exact Hs.
Qed.
End Assumed.
